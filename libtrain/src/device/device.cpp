#include "golf/train/device/device.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golf/artifact/base/error.h"

#ifdef GOLF_WITH_CUDA
#include <ATen/cuda/CUDAContextLight.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace golf {

void use_device(torch::Device device) {
  if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
}

std::string device_name(torch::Device device) {
#ifdef GOLF_WITH_CUDA
  if (device.is_cuda()) return at::cuda::getDeviceProperties(device.index())->name;
#endif
  (void)device;
  return {};
}

void require_step_graphs(torch::Device device) {
  if (!device.is_cuda()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format(
             "training.cuda_graphs: this run's device is {}: leave --cuda-graphs away, or train on a GPU",
             device.str()));
  }
#ifndef GOLF_WITH_CUDA
  fail(ErrorCode::kUnsupported, "training.cuda_graphs: not in this build: build with preset cuda");
#endif
}

#ifdef GOLF_WITH_CUDA

struct StepGraph::Recording {
  Recording(torch::Device on, std::vector<NamedParameter> of, Body pass,
            std::function<void()> invalidate_kept)
      : device(on),
        parameters(std::move(of)),
        body(std::move(pass)),
        invalidate(std::move(invalidate_kept)),
        stream(at::cuda::getStreamFromPool(/*isHighPriority=*/false, on.index())) {}

  void record(int wanted);
  void warm_up();
  void zero_gradients() const;

  torch::Device device;
  std::vector<NamedParameter> parameters;
  Body body;
  std::function<void()> invalidate;
  /// Warm-up and recording must share a stream other than the default one: autograd's nodes remember theirs.
  at::cuda::CUDAStream stream;
  std::vector<torch::Tensor> gradients;  // by parameter, undefined for one without; empty among ranks
  torch::Tensor ids, loss;               // the buffers that the graph reads and writes
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  int variant = 0;
};

StepGraph::StepGraph(torch::Device device, std::vector<NamedParameter> parameters, Body body,
                     std::function<void()> invalidate) {
  require_step_graphs(device);
  recording_ =
      std::make_unique<Recording>(device, std::move(parameters), std::move(body), std::move(invalidate));
}

StepGraph::~StepGraph() = default;

void StepGraph::begin() {
  const Recording& now = *recording_;
  for (size_t i = 0; i < now.gradients.size(); ++i) {
    now.parameters[i].tensor.mutable_grad() = now.gradients[i];
  }
  now.zero_gradients();
}

torch::Tensor StepGraph::run(const torch::Tensor& ids, int variant) {
  Recording& now = *recording_;
  if (!now.ids.defined()) now.ids = at::empty_like(ids, ids.options().device(now.device));
  now.ids.copy_(ids, /*non_blocking=*/true);
  if (!now.graph || now.variant != variant) {
    try {
      now.record(variant);
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      fail(ErrorCode::kRunFailed,
           fmt::format("the step cannot be recorded as a CUDA graph: {}: train without "
                       "--cuda-graphs",
                       text.substr(0, text.find('\n'))));
    }
  }
  now.graph->replay();
  return now.loss;
}

void StepGraph::Recording::zero_gradients() const {
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> defined;
  for (const NamedParameter& parameter : parameters) {
    if (parameter.tensor.grad().defined()) defined.push_back(parameter.tensor.grad());
  }
  if (!defined.empty()) at::_foreach_zero_(defined);
}

/// Two passes as they are, so that libraries have made their handles and workspaces on this stream, and to
/// see which parameters get a gradient.
void StepGraph::Recording::warm_up() {
  {
    const c10::cuda::CUDAStreamGuard guard(stream);
    for (int i = 0; i < 2; ++i) body(ids);
  }
  c10::cuda::device_synchronize();
  invalidate();
}

void StepGraph::Recording::record(int wanted) {
  c10::cuda::device_synchronize();
  graph.reset();  // and its memory, before more is asked for
  loss.reset();
  invalidate();
  const bool given = std::any_of(parameters.begin(), parameters.end(),
                                 [](const auto& parameter) { return parameter.tensor.grad().defined(); });
  warm_up();
  if (!given) {  // a process alone, the first time
    for (const NamedParameter& parameter : parameters) {
      torch::Tensor& gradient = parameter.tensor.mutable_grad();
      if (gradient.defined()) gradient = at::zeros_like(gradient);
      gradients.push_back(gradient);
    }
  }
  zero_gradients();
  // What warm-up needed is free now, but reserved for its stream: the graph has memory of its own.
  c10::cuda::CUDACachingAllocator::emptyCache();
  c10::cuda::device_synchronize();

  graph = std::make_unique<at::cuda::CUDAGraph>();
  const c10::cuda::CUDAStreamGuard guard(stream);
  // Other threads (NCCL's watchdog, the engine of the backward pass) may continue with their work meanwhile.
  graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
  loss = body(ids);
  graph->capture_end();
  invalidate();
  variant = wanted;
}

#else

struct StepGraph::Recording {};

StepGraph::StepGraph(torch::Device device, std::vector<NamedParameter> /*parameters*/, Body /*body*/,
                     std::function<void()> /*invalidate*/) {
  require_step_graphs(device);
}

StepGraph::~StepGraph() = default;

void StepGraph::begin() {}

torch::Tensor StepGraph::run(const torch::Tensor& ids, int /*variant*/) { return ids; }

#endif

}  // namespace golf
