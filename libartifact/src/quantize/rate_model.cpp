#include "quantize/rate_model.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace golf {
namespace {

/// Weights of a sample: enough for an entropy to a percent or two, whatever its rows.
constexpr size_t kRateSampleWeights = size_t{1} << 15;
constexpr int kGreatestInteger = 127;

/// Order-0 entropy of every `stride`-th byte from `first` on, in bytes of 8 bits each.
double plane_entropy(ByteView bytes, size_t first, size_t stride) {
  std::array<uint64_t, 256> counts{};
  uint64_t total = 0;
  for (size_t i = first; i < bytes.size(); i += stride, ++total) ++counts[std::to_integer<uint8_t>(bytes[i])];
  double bits = 0;
  for (const uint64_t count : counts) {
    if (count == 0) continue;
    const auto times = static_cast<double>(count);
    bits -= times * std::log2(times / static_cast<double>(total));
  }
  return bits / 8;
}

/// Factors of steps that are proportional to 1/√weight, their geometric mean 1.
std::vector<double> step_factors(std::span<const double> weights) {
  std::vector<double> logs(weights.size());
  double mean = 0.0;
  for (size_t i = 0; i < weights.size(); ++i) {
    logs[i] = std::log2(weights[i]) / 2;
    mean += logs[i] / static_cast<double>(weights.size());
  }
  for (double& factor : logs) factor = std::exp2(mean - factor);
  return logs;
}

}  // namespace

double entropy_bytes(const Tensor& values) {
  const auto width = static_cast<size_t>(dtype_size(values.dtype));
  double bytes = 0;
  for (size_t plane = 0; plane < width; ++plane) bytes += plane_entropy(values.bytes, plane, width);
  return bytes;
}

RateSample::RateSample(std::span<const float> weights, const Shape& shape, const GridChoice& choice) {
  if (weights.empty()) return;
  // Tensors that are not matrices have one step for all of their weights.
  const bool is_matrix = shape.size() == 2;
  row_length_ = is_matrix ? static_cast<size_t>(shape[1]) : weights.size();
  const size_t rows = weights.size() / row_length_;
  const size_t sampled = std::clamp<size_t>(kRateSampleWeights / row_length_, 1, rows);
  const std::vector<double> row_factors = step_factors(choice.row_weights);
  const std::vector<double> column_factors = step_factors(choice.column_weights);
  values_.reserve(sampled * row_length_);
  for (size_t i = 0; i < sampled; ++i) {
    const size_t row = i * rows / sampled;
    float largest = 0.0F;
    for (size_t c = 0; c < row_length_; ++c) {
      double factor = row_factors.empty() ? 1.0 : row_factors[row];
      if (!column_factors.empty()) factor *= column_factors[c];
      values_.push_back(static_cast<float>(static_cast<double>(weights[row * row_length_ + c]) / factor));
      largest = std::max(largest, std::fabs(values_.back()));
    }
    least_steps_.push_back(largest / kGreatestInteger);
  }
}

double RateSample::bits_a_weight(double step_size) const {
  if (values_.empty()) return 0.0;
  std::array<uint32_t, 2 * kGreatestInteger + 3> counts{};
  for (size_t row = 0; row < least_steps_.size(); ++row) {
    const float step = std::max(static_cast<float>(step_size), least_steps_[row]);
    const float inverse = step > 0.0F ? 1.0F / step : 0.0F;
    for (const float value : std::span(values_).subspan(row * row_length_, row_length_)) {
      const int integer = static_cast<int>(std::floor(value * inverse + 0.5F));
      ++counts[static_cast<size_t>(std::clamp(integer, -kGreatestInteger, kGreatestInteger) +
                                   kGreatestInteger)];
    }
  }
  double bits = 0.0;
  for (const uint32_t count : counts) {
    if (count > 0)
      bits -= count * std::log2(static_cast<double>(count) / static_cast<double>(values_.size()));
  }
  return bits / static_cast<double>(values_.size());
}

}  // namespace golf
