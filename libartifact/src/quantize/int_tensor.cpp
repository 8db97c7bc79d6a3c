#include "quantize/int_tensor.h"

#include <fmt/format.h>

#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/half.h"

namespace golf {

StoredTensor make_int_tensor(const Tensor& original, int bits) {
  StoredTensor stored;
  stored.bits = bits;
  stored.original_dtype = original.dtype;
  stored.values = make_tensor(DType::kI8, original.shape);
  if (original.rank() == 2) {
    stored.storage = Storage::kIntPerRow;
    stored.scales = make_tensor(DType::kF16, {original.shape[0]});
  } else {
    stored.storage = Storage::kIntPerTensor;
    stored.scales = make_tensor(DType::kF32, {});
  }
  return stored;
}

uint16_t finite_f16_scale(float scale, size_t row) {
  const uint16_t half = f32_to_f16(scale);
  if (!std::isfinite(f16_to_f32(half))) {
    fail(ErrorCode::kUnsupported,
         fmt::format("row {}: the scale {} does not fit in float16: use fp32 or bf16", row, scale));
  }
  return half;
}

}  // namespace golf
