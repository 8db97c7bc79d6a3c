#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// How the values of a stored tensor represent the original ones.
enum class Encoding : uint8_t {
  kPassthrough = 0,   ///< values are floats (or whatever dtype they were), cast back on decoding
  kIntPerRow = 1,     ///< values int8 [rows, cols], scales [rows]: w = float(q) · float(scale)
  kIntPerTensor = 2,  ///< values int8 of any shape, scales 0-dim
  kUniform = 3,       ///< values int8 on a StepGrid: w = float(q) · step
  kTrellis = 4,       ///< values int8 [rows, cols] on a StepGrid: w = float(2q + o) · step, o by a trellis
                      ///< of 8 states
  kTrellis64 = 5,     ///< the same with 64
  kTrellis256 = 6,    ///< the same with 256
};

inline constexpr auto kLastEncoding = Encoding::kTrellis256;

constexpr bool is_trellis(Encoding encoding) { return encoding >= Encoding::kTrellis; }
constexpr bool is_on_grid(Encoding encoding) { return encoding >= Encoding::kUniform; }

/// The step sizes of kUniform and the trellises: that of (row, column) is step · 2^(row offset/8) · 2^(column
/// offset/8). The offsets are the tensor's `scales`, int8: first the rows', then the columns', each if there
/// are any.
struct StepGrid {
  float step = 0.0F;
  bool row_offsets = false;
  bool column_offsets = false;

  bool operator==(const StepGrid&) const = default;
};

/// A low-rank correction of a matrix's quantization error (LQER): A · B is added to the weights.
struct LowRank {
  /// kAsymmetric: one scale for A, one for each `group` values of B in row-major order. kSymmetric: one scale
  /// for each row of A and of B.
  enum class Scales { kAsymmetric, kSymmetric } scales = Scales::kAsymmetric;
  size_t place = 0;      ///< among the corrections of a model, which artifacts keep largest error first
  Tensor a = {};         ///< int8 [rows, rank]
  Tensor a_scales = {};  ///< float16: 0-dim, or [rows]
  Tensor b = {};         ///< int8 [rank, columns]
  Tensor b_scales = {};  ///< float16: [groups], or [rank]

  bool operator==(const LowRank&) const = default;
  uint64_t payload_bytes() const {
    return a.bytes.size() + a_scales.bytes.size() + b.bytes.size() + b_scales.bytes.size();
  }
};

/// Groups of a matrix's columns that have a second, finer scale in each row and integers of ±127 (AWQ-lite).
struct FineColumns {
  std::vector<int64_t> starts = {};  ///< the first column of each group
  int64_t size = 0;                  ///< columns of a group
  Tensor scales = {};                ///< float16 [rows]

  bool operator==(const FineColumns&) const = default;
  bool contains(int64_t column) const;
  uint64_t payload_bytes() const { return 2 * (starts.size() + 1) + scales.bytes.size(); }
};

/// One tensor as an artifact stores it, before byte planes and codec. Both containers (.golf and .ptz) hold
/// these.
struct StoredTensor {
  std::string name = {};
  Encoding encoding = Encoding::kPassthrough;
  int bits =
      0;  ///< 4…8 for integers (values lie in [-2^(bits-1), 2^(bits-1)-1]); 8 on a grid, 0 for passthrough
  DType original_dtype = DType::kF32;  ///< restored by dequantize
  Tensor values = {};
  Tensor scales = {};  ///< f16 or f32, int8 on a StepGrid; empty (shape [0]) for passthrough
  StepGrid grid = {};  ///< where is_on_grid(encoding)
  std::optional<FineColumns> fine_columns = {};  ///< only kIntPerRow
  std::optional<LowRank> low_rank = {};          ///< only kIntPerRow

  bool operator==(const StoredTensor&) const = default;
  bool on_grid() const { return is_on_grid(encoding); }
  /// "int6", "ecsq", "tcq", "tcq64", "fp16", "fp32", "bf16" or torch's dtype name: what --set and the size
  /// breakdown call it.
  std::string scheme() const;
  uint64_t payload_bytes() const;
};

struct StoredModel {
  std::vector<StoredTensor> tensors = {};  ///< in state-dict order

  bool operator==(const StoredModel&) const = default;

  uint64_t payload_bytes() const;
  uint64_t original_bytes() const;
};

/// Whether encoding, bits, dtypes and shapes of values and scales belong together; looks at no element.
/// @throws Error kCorruptData naming the tensor, expected and found
void check_form(const StoredTensor& stored);
/// Whether every integer lies in its range and every scale is finite. @throws Error kCorruptData
void check_values(const StoredTensor& stored);

/// The weights again, in their original dtype: float(q) · float(scale), or what docs/FORMAT.md §3 says of
/// grids, in float32, then cast (round half to even).
/// @throws Error kCorruptData: scale count, shape, range or non-finite scale, naming the tensor
Tensor dequantize(const StoredTensor& stored);
TensorSet dequantize(const StoredModel& model, int threads = 0);

}  // namespace golf
