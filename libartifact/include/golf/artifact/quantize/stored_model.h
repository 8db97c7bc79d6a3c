#pragma once

#include <string>
#include <vector>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// How the values of a stored tensor stand for the original ones.
enum class Storage : uint8_t {
  kKept = 0,          ///< values are floats (or whatever dtype they were), cast back on decoding
  kIntPerRow = 1,     ///< values int8 [rows, cols], scales [rows]: w = float(q) · float(scale)
  kIntPerTensor = 2,  ///< values int8 of any shape, scales 0-dim
};

/// One tensor as an artifact stores it, before planes and codec. Both containers (.golf and .ptz) hold these.
struct StoredTensor {
  std::string name = {};
  Storage storage = Storage::kKept;
  int bits = 0;  ///< 4…8 for integers (values lie in [-2^(bits-1), 2^(bits-1)-1]); 0 when kept
  DType original_dtype = DType::kF32;  ///< restored by dequantize
  Tensor values = {};
  Tensor scales = {};  ///< f16 or f32; empty (shape [0]) when kept

  /// "int6", "fp16", "fp32", "bf16" or torch's dtype name: what --set and the size breakdown call it.
  std::string scheme() const;
  uint64_t payload_bytes() const { return values.bytes.size() + scales.bytes.size(); }
};

struct StoredModel {
  std::vector<StoredTensor> tensors = {};  ///< in state-dict order

  uint64_t payload_bytes() const;
  uint64_t original_bytes() const;
};

/// Whether storage, bits, dtypes and shapes of values and scales belong together; looks at no element.
/// @throws Error kCorruptData naming the tensor, expected and found
void check_form(const StoredTensor& stored);
/// Whether every integer lies in its range and every scale is finite. @throws Error kCorruptData
void check_values(const StoredTensor& stored);

/// The weights again, in their original dtype: float(q) · float(scale) in float32, then cast (round half to
/// even).
/// @throws Error kCorruptData: scale count, shape, range or non-finite scale, naming the tensor
Tensor dequantize(const StoredTensor& stored);
TensorSet dequantize(const StoredModel& model, int threads = 0);

}  // namespace golf
