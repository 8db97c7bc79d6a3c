#pragma once

#include "golf/train/optim/optimizer.h"
#include "golf/train/optim/optimizer_config.h"

namespace golf {

/// Muon for matrices: Nesterov momentum, orthogonalised by Newton–Schulz. Spec §4.
///
/// With gradient G [r, c]: B ← μB + G; X = newton_schulz(G + μB) · √max(1, r/c);
/// W ← W · (1 − lr · weight_decay) − lr · X. Without a gradient only the decay happens. Matrices of equal
/// shape go through Newton–Schulz as one batch, which is what PR 993's parameter banks are for.
///
/// Among W ranks, matrix i of a shape belongs to rank i mod W: that rank alone gets its averaged gradient,
/// keeps its momentum and orthogonalises it; then all ranks gather the directions.
class Muon : public Optimizer {
 public:
  /// @param parameters  matrices
  Muon(const std::vector<LiveTensor>& parameters, double base_lr, const MuonConfig& config);

  std::vector<std::shared_ptr<GradientBucket>> share_out(const Communicator& ranks) override;
  void step(const StepRates& rates) override;
  std::vector<LiveTensor> state() const override;
  std::vector<LiveTensor> whole_state() const override;

 private:
  struct Batch {
    std::vector<LiveTensor> matrices;                      // all [r, c]
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
