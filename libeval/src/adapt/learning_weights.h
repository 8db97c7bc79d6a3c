#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "golf/artifact/tensor/tensor_set.h"
#include "golf/eval/processes.h"
#include "golf/model/decoder.h"

namespace golf {

/// The weights of a model that gradient descent changes, with their momentum. Sums of gradients are float64,
/// so that neither threads nor processes show in them.
class LearningWeights {
 public:
  /// @param weights  RE2 pattern found in the names of what learns; empty: every name
  /// @param frozen   RE2 pattern found in the names of what does not; empty: none
  /// @throws Error kInvalidArgument when no tensor is left
  LearningWeights(Decoder& model, const std::string& weights, const std::string& frozen);

  at::Device device() const { return tensors_.front().device(); }

  /// Differentiation reaches the learning weights alone for as long as this lives: nothing is computed for
  /// the others' sake.
  class Learning {
   public:
    explicit Learning(LearningWeights& weights);
    ~Learning();
    Learning(const Learning&) = delete;
    Learning& operator=(const Learning&) = delete;

   private:
    LearningWeights& weights_;
    std::vector<bool> wanted_;
  };

  /// Of the scalar `loss`; undefined where a weight has no part in it. Calls may run side by side.
  std::vector<at::Tensor> gradients(const at::Tensor& loss) const;

  void begin_sum();
  /// sum += weight · gradients.
  void add(const std::vector<at::Tensor>& gradients, double weight);
  /// Adds the sums of all processes up. @return the sum of their losses
  double finish_sum(double loss, const EvalProcesses& processes);
  /// L2 norm of the sum, in float64.
  double gradient_norm() const;

  struct Step {
    double lr = 0, momentum = 0;
    double clip_norm = 0;  ///< 0: no clipping
    double norm = 0;       ///< of the sum
  };
  /// velocity ← momentum · velocity + min(1, clip / (norm + 1e-6)) · sum, weight ← weight − lr · velocity.
  void descend(const Step& step);
  /// A new optimizer.
  void forget_momentum();

  /// "weights.NAME" and, once there is momentum, "momentum.NAME".
  TensorSet state() const;
  /// @throws Error kMismatch
  void restore(const TensorSet& state);

 private:
  std::vector<at::Tensor> all_;  ///< every parameter of the model
  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_;
  std::vector<at::Tensor> velocities_;  ///< float32; empty before the first step
  at::Tensor flat_sum_;                 ///< float64, of all weights and then the loss
  std::vector<at::Tensor> sums_;        ///< views of it
};

}  // namespace golf
