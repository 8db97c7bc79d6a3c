#include "golf/artifact/quantize/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"

namespace golf {
namespace {

constexpr std::string_view kSchema = "golf.calibration/1";
/// Of sqrt(h_ii · h_jj): what the rounding of sums may do to symmetry and to |h_ij| ≤ sqrt(h_ii · h_jj).
constexpr double kRoundingTolerance = 1e-3;

uint64_t read_tokens(const TensorSet& file, const std::string& what) {
  const auto schema = file.metadata.find("schema");
  if (schema == file.metadata.end() || schema->second != kSchema) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: metadata \"schema\" is not \"{}\": make the file with golf-eval "
                     "--collect-calibration",
                     what, kSchema));
  }
  const auto tokens = file.metadata.find("tokens");
  uint64_t count = 0;
  if (tokens != file.metadata.end()) {
    const std::string& text = tokens->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size()) count = 0;
  }
  if (count == 0) {
    fail(ErrorCode::kCorruptData, what + ": metadata \"tokens\" is not a positive number");
  }
  return count;
}

void check_moments(const Tensor& tensor) {
  const Shape& shape = tensor.shape;
  if (tensor.dtype != DType::kF32 || shape.size() != 2 || shape[0] != shape[1] || shape[0] == 0) {
    fail(ErrorCode::kCorruptData, fmt::format("a square float32 matrix expected, {} {} found",
                                              torch_name(tensor.dtype), to_string(shape)));
  }
  if (const auto odd = non_finite_element(tensor)) {
    fail(ErrorCode::kCorruptData, *odd + ", finite values expected");
  }
  const auto size = static_cast<size_t>(shape[0]);
  const auto moments = tensor.values<float>();
  std::vector<double> roots(size);
  for (size_t i = 0; i < size; ++i) {
    const float square = moments[i * size + i];
    if (square < 0) {
      fail(ErrorCode::kCorruptData,
           fmt::format("element [{}, {}] is {}: a mean of squares is not negative", i, i, square));
    }
    roots[i] = std::sqrt(static_cast<double>(square));
  }
  if (*std::max_element(roots.begin(), roots.end()) == 0) {
    fail(ErrorCode::kCorruptData, "its diagonal is 0: the inputs were never used");
  }
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double one = moments[i * size + j];
      const double other = moments[j * size + i];
      const double bound = roots[i] * roots[j];
      if (std::fabs(one - other) > kRoundingTolerance * bound ||
          std::fabs(one) > (1 + kRoundingTolerance) * bound) {
        fail(ErrorCode::kCorruptData,
             fmt::format("elements [{}, {}] and [{}, {}] are {} and {}: not those of second moments", i, j, j,
                         i, one, other));
      }
    }
  }
}

}  // namespace

Calibration::Calibration(TensorSet moments, const std::string& what)
    : moments_(std::move(moments)), tokens_(read_tokens(moments_, what)) {
  for (const auto& [name, tensor] : moments_) {
    try {
      check_moments(tensor);
    } catch (const Error& error) {
      fail_within(fmt::format("{}: moments \"{}\"", what, printable(name)), error);
    }
  }
}

std::span<const float> Calibration::find(std::string_view weight) const {
  const Tensor* found = moments_.find(weight);
  return found == nullptr ? std::span<const float>() : found->values<float>();
}

void Calibration::check_against(const TensorSet& tensors) const {
  for (const auto& [name, moments] : moments_) {
    const Tensor* weight = tensors.find(name);
    if (weight == nullptr || weight->rank() != 2 || weight->shape[1] != moments.shape[0]) {
      fail(ErrorCode::kMismatch,
           fmt::format("moments \"{}\" {} belong to no matrix of the checkpoint with {} columns{}: collect "
                       "the calibration from this model",
                       printable(name), to_string(moments.shape), moments.shape[0],
                       weight == nullptr ? "" : ", its weight is " + to_string(weight->shape)));
    }
  }
}

Calibration read_calibration(const std::string& path) {
  const std::string what = path == "-" ? "standard input" : printable(path);
  return {parse_safetensors(read_file(path), what), what};
}

}  // namespace golf
