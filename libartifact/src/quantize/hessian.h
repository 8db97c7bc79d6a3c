#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// The order in which error feedback takes a matrix's columns.
enum class ColumnOrder {
  kNatural,
  kLargestFirst,  ///< by the mean square of the input, "act-order": errors of the columns with the largest
                  ///< inputs come first
};

/// The damped Hessian H as M·D·Mᵀ with M unit upper triangular and D diagonal, both in the order of the
/// steps. An error e of a row costs e·H·eᵀ = Σ_j D_j (e·M)_j². At step j, when the errors of the steps before
/// are known, the best q_j is therefore that of w_j + Σ_{k<j} e_k M_kj. This is GPTQ without an inverse
/// (Frantar et al., 2022; Chee et al., QuIP, 2023, show that they are the same).
struct HessianFactor {
  std::vector<uint32_t> order = {};    ///< the column of each step
  std::vector<float> weights = {};     ///< [n, n]: M_kj at j·n + k for k < j; the rest is 0
  std::vector<double> variances = {};  ///< D_j

  size_t size() const { return order.size(); }
};

/// GPTQ's damping: this share of the mean of the diagonal is added to the diagonal.
inline constexpr double kDamping = 0.01;

/// `hessian` is [n, n], checked as Calibration does. The result is the same on every machine: sums
/// have a fixed order.
/// @throws Error kCorruptData when H is not positive semidefinite
HessianFactor factor_hessian(std::span<const float> hessian, ColumnOrder order);

/// A symmetric matrix of which `matrix` [n, n] holds the lower triangle becomes M·D·Mᵀ as above: below the
/// diagonal of `matrix` is then M_kj at j·n + k, D is the result.
/// @throws Error kCorruptData when a D_j is less than 1e-6 of the mean of the diagonal
std::vector<double> factor_in_place(std::vector<double>& matrix, size_t n);

/// The damped diagonal of H.
std::vector<double> damped_diagonal(std::span<const float> hessian);

/// Σ over rows of w·H·wᵀ / rows, from at most 64 rows evenly apart: the mean energy of an output.
double mean_output_energy(std::span<const float> weights, size_t columns, std::span<const float> hessian);

/// Σ over rows of row_weight · w·H·wᵀ; without a Hessian H is the identity. With one, at most 256 rows evenly
/// apart are evaluated.
double weighted_output_energy(std::span<const float> weights, std::span<const double> row_weights,
                              std::span<const float> hessian);

}  // namespace golf
