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
  kUniform = 3,       ///< values int8 on a StepGrid: w = float(q) · step
  kTrellis = 4,       ///< values int8 [rows, cols] on a StepGrid: w = float(2q + o) · step, o by the trellis
};

/// The steps of kUniform and kTrellis: that of (row, column) is step · 2^(row offset/8) · 2^(column
/// offset/8). The offsets are the tensor's `scales`, int8: first the rows', then the columns', each if there
/// are any.
struct StepGrid {
  float step = 0.0F;
  bool row_offsets = false;
  bool column_offsets = false;

  bool operator==(const StepGrid&) const = default;
};

/// One tensor as an artifact stores it, before planes and codec. Both containers (.golf and .ptz) hold these.
struct StoredTensor {
  std::string name = {};
  Storage storage = Storage::kKept;
  int bits = 0;  ///< 4…8 for integers (values lie in [-2^(bits-1), 2^(bits-1)-1]); 8 on a grid, 0 when kept
  DType original_dtype = DType::kF32;  ///< restored by dequantize
  Tensor values = {};
  Tensor scales = {};  ///< f16 or f32, int8 on a StepGrid; empty (shape [0]) when kept
  StepGrid grid = {};  ///< of kUniform and kTrellis

  bool operator==(const StoredTensor&) const = default;
  bool on_grid() const { return storage == Storage::kUniform || storage == Storage::kTrellis; }
  /// "int6", "ecsq", "tcq", "fp16", "fp32", "bf16" or torch's dtype name: what --set and the size breakdown
  /// call it.
  std::string scheme() const;
  uint64_t payload_bytes() const { return values.bytes.size() + scales.bytes.size(); }
};

struct StoredModel {
  std::vector<StoredTensor> tensors = {};  ///< in state-dict order

  bool operator==(const StoredModel&) const = default;

  uint64_t payload_bytes() const;
  uint64_t original_bytes() const;
};

/// Whether storage, bits, dtypes and shapes of values and scales belong together; looks at no element.
/// @throws Error kCorruptData naming the tensor, expected and found
void check_form(const StoredTensor& stored);
/// Whether every integer lies in its range and every scale is finite. @throws Error kCorruptData
void check_values(const StoredTensor& stored);

/// The weights again, in their original dtype: float(q) · float(scale), or what docs/FORMAT.md §1 says of
/// grids, in float32, then cast (round half to even).
/// @throws Error kCorruptData: scale count, shape, range or non-finite scale, naming the tensor
Tensor dequantize(const StoredTensor& stored);
TensorSet dequantize(const StoredModel& model, int threads = 0);

}  // namespace golf
