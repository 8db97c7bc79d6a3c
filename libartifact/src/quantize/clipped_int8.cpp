#include "quantize/clipped_int8.h"

#include <algorithm>
#include <vector>

#include "golf/artifact/base/half.h"
#include "quantize/float_values.h"
#include "quantize/int_tensor.h"
#include "quantize/magnitude_quantile.h"
#include "quantize/rounding.h"

namespace golf {
namespace {

constexpr double kClipQuantile = 99.99984 / 100.0;
constexpr float kLimit = 127.0F;

void quantize_clipped(std::span<const float> weights, float clip, float scale, std::span<float> clipped,
                      std::span<int8_t> quantized) {
  std::transform(weights.begin(), weights.end(), clipped.begin(),
                 [clip](float w) { return std::min(std::max(w, -clip), clip); });
  quantize_values(clipped, scale, kLimit, quantized);
}

}  // namespace

StoredTensor store_clipped_int8(const Tensor& tensor) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, 8);
  const auto quantized = stored.values.values<int8_t>();
  if (stored.storage == Storage::kIntPerTensor) {
    std::vector<float> clipped(weights.all().size());
    const float clip = magnitude_quantile(weights.all(), kClipQuantile);
    const float scale = clip / kLimit > 0 ? clip / kLimit : 1.0F;
    stored.scales.values<float>()[0] = scale;
    quantize_clipped(weights.all(), clip, scale, clipped, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  std::vector<float> clipped(columns);
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const float clip = magnitude_quantile(values, kClipQuantile);
    const float scale = std::max(clip / kLimit, 1.0F / kLimit);
    scales[row] = finite_f16_scale(scale, row);
    quantize_clipped(values, clip, scale, clipped, quantized.subspan(row * columns, columns));
  }
  return stored;
}

}  // namespace golf
