#include "quantize/clipped_int.h"

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

void clip_values(std::span<const float> weights, float clip, std::span<float> clipped) {
  std::transform(weights.begin(), weights.end(), clipped.begin(),
                 [clip](float w) { return std::min(std::max(w, -clip), clip); });
}

}  // namespace

StoredTensor store_clipped_int(const Tensor& tensor, int bits) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const auto quantized = stored.values.values<int8_t>();
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  if (stored.storage == Storage::kIntPerTensor) {
    std::vector<float> clipped(weights.all().size());
    const float clip = magnitude_quantile(weights.all(), kClipQuantile);
    const float scale = clip / limit > 0 ? clip / limit : 1.0F;
    stored.scales.values<float>()[0] = scale;
    clip_values(weights.all(), clip, clipped);
    quantize_values(clipped, scale, limit, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  std::vector<float> clipped(columns);
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const float clip = magnitude_quantile(values, kClipQuantile);
    const float scale = std::max(clip / limit, 1.0F / limit);
    scales[row] = finite_f16_scale(scale, row);
    clip_values(values, clip, clipped);
    quantize_values(clipped, scale, limit, quantized.subspan(row * columns, columns));
  }
  return stored;
}

}  // namespace golf
