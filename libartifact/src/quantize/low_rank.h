#pragma once

#include <span>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The factors of a low-rank correction before they are quantized, row-major: A [rows, rank], B [rank,
/// columns].
struct LowRankFactors {
  size_t rank = 0;
  std::vector<float> a = {};
  std::vector<float> b = {};
};

/// The best approximation of that rank to `errors` [rows, columns]: U·S and Vᵀ of its singular value
/// decomposition. The sign of each pair is that which makes the largest magnitude of its column of U
/// negative, because the integers of A reach further below zero than above. The rank is at most the smaller
/// side.
LowRankFactors low_rank_factors(std::span<const float> errors, size_t columns, size_t rank);

/// PR 1855's LQER: A as −2 … 1 with one scale f16(max|A| / 1.5), B as −8 … 7 with a scale f16(max / 7.5) for
/// each `group` values of B in row-major order, scales being of at least f16(1e-10 / …). When B does not
/// divide into groups: integers of ±7 with the scale f16(max / 7) for each row of A and of B.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: docs/SUBMISSIONS.md, PR 1855, Artifact.
LowRank quantize_low_rank(const LowRankFactors& factors, size_t group);

/// float(a) · scale, [rows, rank]. Requires check_form(), as does low_rank_factor_b().
std::vector<float> low_rank_factor_a(const LowRank& correction);
/// float(b) · scale, [rank, columns].
std::vector<float> low_rank_factor_b(const LowRank& correction);

}  // namespace golf
