#include "quantize/deviation_clip.h"

#include <cmath>

#include "quantize/int_tensor.h"

namespace golf {
namespace {

double standard_deviation(std::span<const float> values) {
  if (values.size() < 2) return 0.0;
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0.0;
  for (const float value : values) {
    const double distance = static_cast<double>(value) - mean;
    squares += distance * distance;
  }
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

StoredTensor store_clipped_at_deviations(const Tensor& tensor, int bits, double deviations) {
  const double limit = (1 << (bits - 1)) - 1;
  return store_by_scale_rule(tensor, bits, [&](std::span<const float> values) {
    return static_cast<float>(deviations * standard_deviation(values) / limit);
  });
}

}  // namespace golf
