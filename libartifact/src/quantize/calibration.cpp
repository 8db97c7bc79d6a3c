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
/// By this share of sqrt(h_ii · h_jj) the rounding of sums may violate symmetry and |h_ij| ≤ sqrt(h_ii ·
/// h_jj).
constexpr double kRoundingTolerance = 1e-3;

void check_schema(const TensorSet& file, const std::string& what) {
  const auto schema = file.metadata.find("schema");
  if (schema == file.metadata.end() || schema->second != kSchema) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: metadata \"schema\" is not \"{}\": make the file with golf-eval "
                     "calibrate",
                     what, kSchema));
  }
}

/// The count of that key; nothing when there is none. @throws Error kCorruptData when it is no positive
/// number
std::optional<uint64_t> read_count(const TensorSet& file, const std::string& key, const std::string& what) {
  const auto entry = file.metadata.find(key);
  if (entry == file.metadata.end()) return std::nullopt;
  const std::string& text = entry->second;
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: metadata \"{}\" is not a positive number", what, key));
  }
  return count;
}

void check_finite(const Tensor& tensor) {
  if (const auto odd = non_finite_element(tensor)) {
    fail(ErrorCode::kCorruptData, *odd + ", finite values expected");
  }
}

void check_square(const Tensor& tensor) {
  const Shape& shape = tensor.shape;
  if (tensor.dtype != DType::kF32 || shape.size() != 2 || shape[0] != shape[1] || shape[0] == 0) {
    fail(ErrorCode::kCorruptData, fmt::format("a square float32 matrix expected, {} {} found",
                                              torch_name(tensor.dtype), to_string(shape)));
  }
  check_finite(tensor);
}

void check_hessian(const Tensor& tensor) {
  check_square(tensor);
  const Shape& shape = tensor.shape;
  const auto size = static_cast<size_t>(shape[0]);
  const auto hessian = tensor.values<float>();
  std::vector<double> roots(size);
  for (size_t i = 0; i < size; ++i) {
    const float square = hessian[i * size + i];
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
      const double one = hessian[i * size + j];
      const double other = hessian[j * size + i];
      const double bound = roots[i] * roots[j];
      if (std::fabs(one - other) > kRoundingTolerance * bound ||
          std::fabs(one) > (1 + kRoundingTolerance) * bound) {
        fail(ErrorCode::kCorruptData,
             fmt::format("elements [{}, {}] and [{}, {}] are {} and {}: not those of a Hessian", i, j, j, i,
                         one, other));
      }
    }
  }
}

void check_fisher(const Tensor& tensor) {
  if (tensor.dtype != DType::kF32 || tensor.rank() != 1 || tensor.elements() == 0) {
    fail(ErrorCode::kCorruptData, fmt::format("a float32 vector expected, {} {} found",
                                              torch_name(tensor.dtype), to_string(tensor.shape)));
  }
  check_finite(tensor);
  const auto squares = tensor.values<float>();
  const auto negative = std::find_if(squares.begin(), squares.end(), [](float square) { return square < 0; });
  if (negative != squares.end()) {
    fail(ErrorCode::kCorruptData, fmt::format("element [{}] is {}: a mean of squares is not negative",
                                              negative - squares.begin(), *negative));
  }
}

/// @param hessian  of the same weight, checked; null when there is none
void check_cross(const Tensor& tensor, const Tensor* hessian) {
  check_square(tensor);
  if (hessian == nullptr || hessian->shape != tensor.shape) {
    fail(ErrorCode::kCorruptData,
         fmt::format("its weight's Hessian {} expected beside it, {} found", to_string(tensor.shape),
                     hessian ? to_string(hessian->shape) : "none"));
  }
  const auto size = static_cast<size_t>(tensor.shape[0]);
  const auto cross = tensor.values<float>();
  const auto squares = hessian->values<float>();
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      if (squares[j * size + j] > 0 || cross[i * size + j] == 0) continue;
      fail(ErrorCode::kCorruptData, fmt::format("element [{}, {}] is {}, but the Hessian's column {} is 0", i,
                                                j, cross[i * size + j], j));
    }
  }
}

/// What follows `prefix` in an entry's name; nothing when it does not begin so.
std::optional<std::string_view> after(std::string_view prefix, std::string_view entry) {
  if (!entry.starts_with(prefix)) return std::nullopt;
  return entry.substr(prefix.size());
}

/// The weight whose diagonal Fisher an entry holds; nothing when it holds something else.
std::optional<std::string_view> weight_of_fisher(std::string_view entry) {
  return after(Calibration::kFisherPrefix, entry);
}

std::optional<std::string_view> weight_of_cross(std::string_view entry) {
  return after(Calibration::kCrossPrefix, entry);
}

std::span<const float> values_or_none(const Tensor* tensor) {
  return tensor == nullptr ? std::span<const float>() : tensor->values<float>();
}

}  // namespace

Calibration::Calibration(TensorSet statistics, const std::string& what) : statistics_(std::move(statistics)) {
  check_schema(statistics_, what);
  tokens_ = read_count(statistics_, "tokens", what).value_or(0);
  if (tokens_ == 0) fail(ErrorCode::kCorruptData, what + ": metadata \"tokens\" is missing");
  bytes_ = read_count(statistics_, "bytes", what);
  // Cross moments last: they are compared with Hessians.
  for (const bool cross : {false, true}) {
    for (const auto& [name, tensor] : statistics_) {
      const auto crossed = weight_of_cross(name);
      if (crossed.has_value() != cross) continue;
      try {
        if (crossed) {
          check_cross(tensor, statistics_.find(*crossed));
        } else {
          weight_of_fisher(name) ? check_fisher(tensor) : check_hessian(tensor);
        }
      } catch (const Error& error) {
        fail_within(fmt::format("{}: tensor \"{}\"", what, printable(name)), error);
      }
    }
  }
}

TensorStatistics Calibration::of(std::string_view weight) const {
  return {.hessian = values_or_none(statistics_.find(weight)),
          .fisher = values_or_none(statistics_.find(fmt::format("{}{}", kFisherPrefix, weight))),
          .cross = values_or_none(statistics_.find(fmt::format("{}{}", kCrossPrefix, weight)))};
}

std::optional<double> Calibration::bytes_per_token() const {
  if (!bytes_) return std::nullopt;
  return static_cast<double>(*bytes_) / static_cast<double>(tokens_);
}

void Calibration::check_against(const TensorSet& tensors) const {
  for (const auto& [name, statistic] : statistics_) {
    const auto of_rows = weight_of_fisher(name);
    const Tensor* weight = tensors.find(of_rows.value_or(weight_of_cross(name).value_or(name)));
    const size_t axis = of_rows ? 0 : 1;
    if (weight == nullptr || weight->rank() != 2 || weight->shape[axis] != statistic.shape[0]) {
      fail(ErrorCode::kMismatch,
           fmt::format(
               "\"{}\" {} belongs to no matrix of the checkpoint with {} {}{}: collect the calibration "
               "from this model",
               printable(name), to_string(statistic.shape), statistic.shape[0], of_rows ? "rows" : "columns",
               weight == nullptr ? "" : ", its weight is " + to_string(weight->shape)));
    }
  }
}

Calibration read_calibration(const std::string& path) {
  const std::string what = display_name(path);
  return {parse_safetensors(read_file(path), what), what};
}

}  // namespace golf
