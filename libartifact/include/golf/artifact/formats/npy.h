#pragma once

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// The tensor as a NumPy file, format 1.0, little-endian, C order. @throws Error kUnsupported for dtypes that
/// NumPy does not have (bf16, the 8-bit floats)
Bytes encode_npy(const Tensor& tensor);

/// Whether the bytes start with NumPy's magic number.
bool is_npy(ByteView bytes);
/// A NumPy file of format 1.0 to 3.0. @throws Error kCorruptData: damaged header, or a size other than the
/// shape says; kUnsupported: big-endian, Fortran order, a dtype that is no plain number
Tensor parse_npy(ByteView bytes, const std::string& what);

}  // namespace golf
