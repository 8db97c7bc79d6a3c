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
/// X ← a·X + (b·S + (c·S)·S)·X with (a, b, c) = (3.4445, −4.7750, 2.0315). Every operation is rounded to
/// `dtype` (products accumulate in float32).
/// @param g  [.., r, c]; leading dimensions are a batch of matrices, each treated on its own
/// @return [.., r, c] in `dtype`
/// Source: docs/SUBMISSIONS.md, Upstream reference, Training.
torch::Tensor newton_schulz(const torch::Tensor& g, int64_t steps, torch::ScalarType dtype);

/// Muon for matrices: Nesterov momentum, orthogonalized by Newton–Schulz.
/// Source: docs/SUBMISSIONS.md, Upstream reference, Training.
///
/// With gradient G [r, c]: B ← μB + G; X = newton_schulz(G + μB) · √max(1, r/c);
/// W ← W · (1 − lr · weight_decay) − lr · X. Without a gradient only the decay happens. Matrices of equal
/// shape go through Newton–Schulz as one batch, which is what PR 993's parameter banks are for.
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
