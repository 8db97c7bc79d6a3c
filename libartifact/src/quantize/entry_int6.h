#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The int6 of three entries, each to the bit. They differ in the floor under the scale, in which scale
/// divides, and in the range. A is the largest magnitude of a row, or of the tensor for ranks other than 2.
///
/// | entry | scale of a row                     | divides  | range    | other ranks                      |
/// |-------|------------------------------------|----------|----------|----------------------------------|
/// | 88    | max(A/31, 1/31), stored as f16     | float32  | −31 … 31 | the reference's int8             |
/// | 262   | f16(max(A/31, 1/31))               | the f16  | −32 … 31 | f16(A/31), 1 when A = 0          |
/// | 1046  | max(f16(max(A/31, 1e−12)), 2^−14)  | the f16  | −32 … 31 | f16(max(A/31, 1e−12)), no floor  |
///
/// −32 comes of a scale that float16 rounds down. Where the one scale of another rank is zero in float16 the
/// entries divide by it; here q = 0, which decodes to the same values.
/// All throw Error kUnsupported when a scale does not fit in float16. Thread-safe.
/// Source: reference spec §5.2 (88) and §5.3 (1046); spec PR 262 §2.8.
StoredTensor store_int6_pr88(const Tensor& tensor);
StoredTensor store_int6_pr262(const Tensor& tensor);
StoredTensor store_int6_pr1046(const Tensor& tensor);

}  // namespace golf
