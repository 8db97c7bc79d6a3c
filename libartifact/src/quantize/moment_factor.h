#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// The order in which error feedback takes a matrix's columns.
enum class ColumnOrder {
  kNatural,
  kLargestFirst,  ///< by the mean square of the input, "act-order": what cannot be made up for comes first
};

/// Second moments H, damped, as M·D·Mᵀ with M unit upper triangular and D diagonal; both in the order of the
/// steps. An error e of a row weighs e·H·eᵀ = Σ_j D_j (e·M)_j², so that at step j, with the errors of the
/// steps before known, q_j is best chosen for w_j + Σ_{k<j} e_k M_kj: GPTQ without an inverse (Frantar et
/// al., 2022; that this is the same is shown by Chee et al., QuIP, 2023).
struct MomentFactor {
  std::vector<uint32_t> order = {};    ///< the column of each step
  std::vector<float> weights = {};     ///< [n, n]: M_kj at j·n + k for k < j; the rest is 0
  std::vector<double> variances = {};  ///< D_j

  size_t size() const { return order.size(); }
};

/// 0.01, GPTQ's: this share of the mean of the diagonal is added to it.
inline constexpr double kDamping = 0.01;

/// `moments` is [n, n], checked as Calibration does. The same on every machine: sums have a fixed order.
/// @throws Error kCorruptData when H is not positive semidefinite
MomentFactor factor_moments(std::span<const float> moments, ColumnOrder order);

/// The damped diagonal of H.
std::vector<double> damped_diagonal(std::span<const float> moments);

/// Moments of a tied embedding, which are those of its use as head, for both of its uses: H + mean of the
/// diagonal · I. Where it is looked up each number of a row counts alike, and the two uses count the same.
/// The head's inputs have nearly all their energy in one channel, so that by H alone errors in the others
/// would be free (benchmarks/results/2026-11-22-recipe-best.md).
std::vector<float> with_look_ups(std::span<const float> moments);

/// Σ over rows of w·H·wᵀ / rows, from at most 64 rows evenly apart: the mean energy of an output.
double mean_output_energy(std::span<const float> weights, size_t columns, std::span<const float> moments);

}  // namespace golf
