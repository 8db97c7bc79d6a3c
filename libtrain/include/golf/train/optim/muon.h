#pragma once

#include "golf/train/optim/optimizer.h"
#include "golf/train/optim/optimizer_config.h"

namespace golf {

/// Muon for matrices: Nesterov momentum, orthogonalised by Newton–Schulz. Spec §4.
///
/// With gradient G [r, c]: B ← μB + G; X = newton_schulz(G + μB) · √max(1, r/c);
/// W ← W · (1 − lr · weight_decay) − lr · X. Without a gradient only the decay happens. Matrices of equal
/// shape go through Newton–Schulz as one batch, which is what PR 993's parameter banks are for.
class Muon : public Optimizer {
 public:
  /// @param parameters  matrices
  Muon(const std::vector<LiveTensor>& parameters, double base_lr, const MuonConfig& config);

  void step(const StepRates& rates) override;
  std::vector<LiveTensor> state() const override;

 private:
  struct Batch {
    std::vector<LiveTensor> matrices;  // all [r, c]
    torch::Tensor momentum;            // [matrices, r, c]
  };
  void update(const std::vector<torch::Tensor>& matrices, torch::Tensor momentum,
              const StepRates& rates) const;

  MuonConfig config_;
  std::vector<Batch> batches_;
};

}  // namespace golf
