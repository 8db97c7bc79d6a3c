#include "quantize/float_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

struct Neighbors {
  float below, above;
};

/// The two largest magnitudes of at least two values, in one pass.
Neighbors two_largest(std::span<const float> values) {
  float first = 0.0F;
  float second = 0.0F;
  for (const float value : values) {
    const float magnitude = std::fabs(value);
    second = std::max(second, std::min(first, magnitude));
    first = std::max(first, magnitude);
  }
  return {second, first};
}

/// The magnitudes of rank `below` and `below` + 1 (or `below` again at the end), counted from the smallest.
Neighbors neighbors_at(std::span<const float> values, size_t below) {
  std::vector<float> magnitudes(values.size());
  std::transform(values.begin(), values.end(), magnitudes.begin(), [](float v) { return std::fabs(v); });
  const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(magnitudes.begin(), middle, magnitudes.end());
  const bool is_last = middle + 1 == magnitudes.end();
  return {*middle, is_last ? *middle : *std::min_element(middle + 1, magnitudes.end())};
}

/// ATen's lerp in float32: two forms, so that weight 0 and weight 1 are exact.
float lerp(float start, float end, float weight) {
  return weight < 0.5F ? start + weight * (end - start) : end - (end - start) * (1.0F - weight);
}

}  // namespace

FloatValues::FloatValues(const Tensor& tensor) {
  if (!is_floating(tensor.dtype)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("the scheme needs floating values, {} found: use keep or drop",
                     torch_name(tensor.dtype)));
  }
  if (tensor.dtype == DType::kF32) {
    values_ = tensor.values<float>();
  } else {
    converted_ = to_f32(tensor);
    values_ = converted_;
  }
}

float magnitude_quantile(std::span<const float> values, double q) {
  if (values.empty()) return 0.0F;
  const double position = static_cast<double>(static_cast<float>(q)) * static_cast<double>(values.size() - 1);
  const double floor = std::floor(position);
  const auto below = static_cast<size_t>(floor);
  // Clipping quantiles lie so near 1 that for every real row the neighbors are simply the two largest.
  const auto [low, high] = below + 2 == values.size() ? two_largest(values) : neighbors_at(values, below);
  return lerp(low, high, static_cast<float>(position - floor));
}

}  // namespace golf
