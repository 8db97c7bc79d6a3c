#include "quantize/entry_int6.h"

#include <algorithm>

#include "golf/artifact/base/half.h"
#include "quantize/clipped_int.h"
#include "quantize/float_values.h"
#include "quantize/int_tensor.h"
#include "quantize/rounding.h"

namespace golf {
namespace {

constexpr int kBits = 6;
constexpr float kSteps = 31.0F;
constexpr float kFloor = 1.0F / kSteps;
constexpr IntRange kSymmetric = {-31.0F, 31.0F};
constexpr IntRange kAsymmetric = {-32.0F, 31.0F};

float quotient(float largest) { return largest / kSteps; }
float quotient_pr1046(float largest) { return std::max(quotient(largest), 1e-12F); }
float scale_pr262(float largest) { return largest > 0 ? quotient(largest) : 1.0F; }

struct RowScale {
  float stored;   ///< before its rounding to float16
  float divisor;  ///< what the row is divided by
};
RowScale row_scale_pr88(float largest) {
  const float scale = std::max(quotient(largest), kFloor);
  return {scale, scale};
}
RowScale row_scale_pr262(float largest) {
  const float scale = std::max(quotient(largest), kFloor);
  return {scale, f16_to_f32(f32_to_f16(scale))};
}
RowScale row_scale_pr1046(float largest) {
  const float rounded = f16_to_f32(f32_to_f16(quotient_pr1046(largest)));
  const float scale = std::max(rounded, kSmallestNormalF16);
  return {scale, scale};
}

StoredTensor store_rows(const Tensor& tensor, const FloatValues& weights, RowScale (*rule)(float),
                        IntRange range) {
  StoredTensor stored = make_int_tensor(tensor, kBits);
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto quantized = stored.values.values<int8_t>();
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const RowScale scale = rule(max_magnitude(values));
    scales[row] = finite_f16_scale(scale.stored, row);
    quantize_values(values, scale.divisor, range, quantized.subspan(row * columns, columns));
  }
  return stored;
}

}  // namespace

StoredTensor store_int6_pr88(const Tensor& tensor) {
  if (tensor.rank() != 2) return store_clipped_int(tensor, 8);
  return store_rows(tensor, FloatValues(tensor), row_scale_pr88, kSymmetric);
}

StoredTensor store_int6_pr262(const Tensor& tensor) {
  const FloatValues weights(tensor);
  if (tensor.rank() == 2) return store_rows(tensor, weights, row_scale_pr262, kAsymmetric);
  return store_with_f16_scale(tensor, kBits, scale_pr262(max_magnitude(weights.all())), kAsymmetric);
}

StoredTensor store_int6_pr1046(const Tensor& tensor) {
  const FloatValues weights(tensor);
  if (tensor.rank() == 2) return store_rows(tensor, weights, row_scale_pr1046, kAsymmetric);
  return store_with_f16_scale(tensor, kBits, quotient_pr1046(max_magnitude(weights.all())), kAsymmetric);
}

}  // namespace golf
