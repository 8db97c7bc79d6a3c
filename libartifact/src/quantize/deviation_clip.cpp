#include "quantize/deviation_clip.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "golf/artifact/base/half.h"
#include "quantize/float_values.h"
#include "quantize/int_tensor.h"
#include "quantize/rounding.h"

namespace golf {
namespace {

constexpr float kSmallestNormalF16 = 0x1p-14F;

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
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const auto quantized = stored.values.values<int8_t>();
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  const auto scale_of = [&](std::span<const float> values) {
    return static_cast<float>(deviations * standard_deviation(values) / static_cast<double>(limit));
  };
  if (stored.storage == Storage::kIntPerTensor) {
    const float scale = std::max(scale_of(weights.all()), std::numeric_limits<float>::min());
    stored.scales.values<float>()[0] = scale;
    quantize_values(weights.all(), scale, limit, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    scales[row] = finite_f16_scale(std::max(scale_of(values), kSmallestNormalF16), row);
    quantize_values(values, f16_to_f32(scales[row]), limit, quantized.subspan(row * columns, columns));
  }
  return stored;
}

}  // namespace golf
