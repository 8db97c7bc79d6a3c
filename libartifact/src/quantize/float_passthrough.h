#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The tensor as it is, whatever its dtype.
StoredTensor store_kept(const Tensor& tensor);

/// The values rounded half to even to float16, bfloat16 or float32; the original dtype returns on decoding.
/// @throws Error kUnsupported when a finite value becomes infinite
StoredTensor store_cast(const Tensor& tensor, DType dtype);

}  // namespace golf
