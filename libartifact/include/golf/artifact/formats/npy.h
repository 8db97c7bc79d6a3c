#pragma once

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// The tensor as a NumPy file, format 1.0, little-endian, C order. @throws Error kUnsupported for dtypes that
/// NumPy does not have (bf16, the 8-bit floats)
Bytes encode_npy(const Tensor& tensor);

}  // namespace golf
