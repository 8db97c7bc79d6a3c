#include "quantize/scaled_integers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/half.h"

namespace golf {

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

StoredTensor make_int_tensor(const Tensor& original, int bits) {
  StoredTensor stored;
  stored.bits = bits;
  stored.original_dtype = original.dtype;
  stored.values = make_tensor(DType::kI8, original.shape);
  if (original.rank() == 2) {
    stored.encoding = Encoding::kIntPerRow;
    stored.scales = make_tensor(DType::kF16, {original.shape[0]});
  } else {
    stored.encoding = Encoding::kIntPerTensor;
    stored.scales = make_tensor(DType::kF32, {});
  }
  return stored;
}

uint16_t finite_f16_scale(float scale, std::optional<size_t> row) {
  const uint16_t half = f32_to_f16(scale);
  if (!std::isfinite(f16_to_f32(half))) {
    fail(ErrorCode::kUnsupported, fmt::format("{}the scale {} does not fit in float16: use fp32 or bf16",
                                              row ? fmt::format("row {}: ", *row) : "", scale));
  }
  return half;
}

StoredTensor store_by_scale_rule(const Tensor& tensor, int bits, const ScaleRule& rule) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const auto quantized = stored.values.values<int8_t>();
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  if (stored.encoding == Encoding::kIntPerTensor) {
    const float scale = std::max(rule(weights.all()), std::numeric_limits<float>::min());
    stored.scales.values<float>()[0] = scale;
    quantize_values(weights.all(), scale, limit, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    scales[row] = finite_f16_scale(std::max(rule(values), kSmallestNormalF16), row);
    quantize_values(values, f16_to_f32(scales[row]), limit, quantized.subspan(row * columns, columns));
  }
  return stored;
}

StoredTensor store_with_f16_scale(const Tensor& tensor, int bits, float scale, IntRange range) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const uint16_t half = finite_f16_scale(scale, std::nullopt);
  stored.encoding = Encoding::kIntPerTensor;
  stored.scales = make_tensor<uint16_t>(DType::kF16, {}, std::array{half});
  const float divisor = f16_to_f32(half);
  if (divisor > 0) quantize_values(weights.all(), divisor, range, stored.values.values<int8_t>());
  return stored;
}

}  // namespace golf
