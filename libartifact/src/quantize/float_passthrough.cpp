#include "quantize/float_passthrough.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "quantize/float_values.h"
#include "quantize/rounding.h"

namespace golf {

StoredTensor store_kept(const Tensor& tensor) {
  StoredTensor stored;
  stored.original_dtype = tensor.dtype;
  stored.values = tensor;
  return stored;
}

StoredTensor store_cast(const Tensor& tensor, DType dtype) {
  const FloatValues values(tensor);
  StoredTensor stored;
  stored.original_dtype = tensor.dtype;
  stored.values = from_f32(values.all(), dtype, tensor.shape);
  if (non_finite_element(stored.values)) {
    fail(ErrorCode::kUnsupported,
         fmt::format("values up to {} in magnitude do not fit in {}: use fp32 or keep",
                     max_magnitude(values.all()), torch_name(dtype)));
  }
  return stored;
}

}  // namespace golf
