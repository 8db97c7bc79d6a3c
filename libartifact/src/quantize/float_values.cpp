#include "quantize/float_values.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {

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

}  // namespace golf
