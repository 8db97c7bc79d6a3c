#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "golf/train/named_parameter.h"

namespace golf {

/// Makes `device` the one that this thread's work without a device of its own goes to: pinned memory would
/// otherwise open a context on GPU 0 in every rank. Nothing on the CPU.
void use_device(torch::Device device);

/// The GPU's name as its driver gives it; empty on the CPU.
std::string device_name(torch::Device device);

/// The forward and backward pass over a micro-batch, recorded once as a CUDA graph and replayed from then on:
/// one launch in place of one to two thousand, so that the GPU does not wait for the processor. Optimizers,
/// clipping and messages between ranks stay outside, because what they do changes from step to step.
///
/// A recording holds addresses. So the tokens are copied into one buffer; gradients form in buffers that
/// stay, as do parameters, which every update overwrites in place. Whoever owns a tensor that the body reads
/// and does not make must keep it (RotaryTable does). There is no dropout, so no random state is involved.
class StepGraph {
 public:
  /// Forward and backward pass over a micro-batch, int64 on the device: adds to the parameters'
  /// gradients. Must not wait for the device. @return the loss, detached
  using Body = std::function<torch::Tensor(const torch::Tensor& ids)>;

  /// @param invalidate  drops whatever the body keeps from one call for the next (roundings): such tensors of
  /// a
  ///                recording must not be read outside it, nor the other way round
  /// @throws Error what require_step_graphs() throws
  StepGraph(torch::Device device, std::vector<NamedParameter> parameters, Body body,
            std::function<void()> invalidate);
  ~StepGraph();

  /// Before a step's first pass, for a process alone: its gradients become zeros. Among ranks
  /// GradientReducer::begin() has set gradients already.
  void begin();

  /// One forward and backward pass over `ids`, in pinned memory or on the device, always of the same shape.
  /// Records first when there is no recording yet or the one there is of another `variant`; only at a
  /// step's first pass, since that leaves the gradients zero.
  /// @return the loss; overwritten by the next pass
  /// @throws Error kRunFailed when the body cannot be recorded
  torch::Tensor run(const torch::Tensor& ids, int variant);

 private:
  struct Recording;
  std::unique_ptr<Recording> recording_;
};

/// @throws Error kInvalidArgument when the device is not a GPU, kUnsupported when built without CUDA
void require_step_graphs(torch::Device device);

}  // namespace golf
