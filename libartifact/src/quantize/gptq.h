#pragma once

#include <span>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// How GPTQ rounds a matrix.
struct GptqRule {
  int bits = 6;
  double deviations = 0.0;  ///< rows are clipped at this number of their standard deviations
  /// Groups of columns that become integers of ±127 with finer scales; bits are then fewer than 8.
  std::span<const int64_t> fine_starts = {};
  int64_t fine_size = 0;
};

/// PR 1394's quantizer and that of its descendants (SDClip with GPTQ and descending activation order).
///
/// With Q = 2^(bits−1) − 1 and, for each row, S its standard deviation (unbiased): scale =
/// f16(max(deviations · S / Q, 1e-10)). Columns whose diagonal of H is 0 are dead: their weights become 0,
/// their diagonal 1. 0.01 of the mean of the diagonal is added to it; columns are taken by descending
/// diagonal, and the error of each is fed forward to those after it. q = clamp(round_half_even(w / scale),
/// ±Q). A row whose scale is 0 in float16 gets ±Q, and 0 from its first target of 0 on, as 0/0 does in the
/// submissions.
///
/// The submissions compute in float32 with LAPACK's Cholesky factors. This is the same rule in float64, with
/// sums of a fixed order: integers differ from theirs only where a quotient is within float32's rounding of a
/// half. Equal diagonals keep the order of the columns, which the submissions' sort leaves open.
/// @throws Error kUnsupported when a scale does not fit in float16; kCorruptData when H is not positive
/// semidefinite
/// Source: docs/SUBMISSIONS.md, PR 1394, PR 1855 and PR 2135, Artifact.
StoredTensor store_gptq(const Tensor& tensor, const GptqRule& rule, std::span<const float> hessian);

}  // namespace golf
