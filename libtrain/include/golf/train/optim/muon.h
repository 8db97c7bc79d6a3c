#pragma once

#include <torch/types.h>

#include <cstdint>

#include "golf/train/optim/optimizer.h"
#include "golf/train/optim/optimizer_config.h"

namespace golf {

/// An approximation of the orthogonal factor of each matrix: singular values end near 1 (between about 0.7
/// and 1.2 after 5 steps), singular vectors stay.
///
/// X = g / (‖g‖_F + 1e-7); then `steps` times, on the side with the fewer rows: S = X·Xᵀ,
/// X ← a·X + (b·S + (c·S)·S)·X with (a, b, c) = (3.4445, −4.7750, 2.0315), or PolarExpress's three numbers of
/// each step. Every operation is rounded to `dtype` (products accumulate in float32).
/// @param g  [.., r, c]; leading dimensions are a batch of matrices, each treated on its own
/// @param steps  at most kPolarExpressSteps with those coefficients
/// @return [.., r, c] in `dtype`
/// Source: docs/SUBMISSIONS.md, Upstream reference and PR 1855, Training.
torch::Tensor newton_schulz(const torch::Tensor& g, int64_t steps, torch::ScalarType dtype,
                            NewtonSchulz coefficients = NewtonSchulz::kQuintic);

/// Each row divided by its L2 norm, summed in float32, or by 1e-7 where that is larger: a zero row stays
/// zero.
/// @param u  [.., r, c]. @return likewise, in u's dtype
/// Source: docs/SUBMISSIONS.md, PR 1394, Training.
torch::Tensor rows_normalized(const torch::Tensor& u);

/// Muon for matrices: Nesterov momentum, orthogonalized by Newton–Schulz.
/// Source: docs/SUBMISSIONS.md, Upstream reference, Training.
///
/// With gradient G [r, c]: B ← μB + G; U = G + μB, its rows normalized where MuonConfig says so (MuonEq-R);
/// X = newton_schulz(U) · √max(1, r/c); W ← W · (1 − lr · weight_decay) − lr · X. Without a gradient only the
/// decay happens. Matrices of equal shape go through Newton–Schulz as one batch, which is what the parameter
/// banks of PRs 993 and 1855 are for.
///
/// Among W ranks, matrix i of a shape belongs to rank i mod W: that rank alone gets its averaged gradient,
/// keeps its momentum and orthogonalizes it; then all ranks gather the directions.
class Muon : public Optimizer {
 public:
  /// @param parameters  matrices
  Muon(const std::vector<NamedParameter>& parameters, double base_lr, const MuonConfig& config);

  std::vector<std::shared_ptr<GradientBucket>> shard(const Communicator& ranks) override;
  void step(const StepRates& rates) override;
  std::vector<NamedParameter> state() const override;
  std::vector<NamedParameter> whole_state() const override;

 private:
  struct Batch {
    std::vector<NamedParameter> matrices;                  // all [r, c]
    torch::Tensor momentum;                                // [own matrices, r, c]
    std::vector<std::shared_ptr<GradientBucket>> buckets;  // of W matrices each; empty when alone
  };
  torch::Tensor direction(const torch::Tensor& gradient, torch::Tensor momentum,
                          const StepRates& rates) const;
  void step_alone(const Batch& batch, const StepRates& rates) const;
  void step_among_ranks(const StepRates& rates) const;

  MuonConfig config_;
  std::vector<Batch> batches_;
  const Communicator* ranks_ = nullptr;  // null when alone
};

}  // namespace golf
