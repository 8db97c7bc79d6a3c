#include "quantize/int_per_row.h"

#include <algorithm>
#include <limits>

#include "golf/artifact/base/half.h"
#include "quantize/float_values.h"
#include "quantize/int_tensor.h"
#include "quantize/rounding.h"

namespace golf {
namespace {

constexpr float kSmallestNormalF16 = 0x1p-14F;

}  // namespace

StoredTensor store_int_per_row(const Tensor& tensor, int bits) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const auto quantized = stored.values.values<int8_t>();
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  if (stored.storage == Storage::kIntPerTensor) {
    const float scale = std::max(max_magnitude(weights.all()) / limit, std::numeric_limits<float>::min());
    stored.scales.values<float>()[0] = scale;
    quantize_values(weights.all(), scale, limit, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    scales[row] = finite_f16_scale(std::max(max_magnitude(values) / limit, kSmallestNormalF16), row);
    quantize_values(values, f16_to_f32(scales[row]), limit, quantized.subspan(row * columns, columns));
  }
  return stored;
}

}  // namespace golf
