#pragma once

// Starts the GPU kernels: compiles each on first use for the GPU at hand, loads it through CUDA's driver, and
// puts it on the stream that ATen works on.

#include <torch/types.h>

#include <cstdint>
#include <string>

namespace golf::cuda {

inline constexpr int kThreadsPerBlock = 256;  ///< of every kernel

/// Who runs the kernels for tensors on the CPU; null but in tests.
class KernelRunner {
 public:
  virtual ~KernelRunner() = default;
  /// @param kernel  such as "mix_norm<4, float, bf16>"
  /// @param arguments  its one argument, a struct of kernels/arguments.h
  virtual void run(const std::string& kernel, int64_t blocks, const void* arguments) = 0;
};
/// Not while a model computes. The caller keeps the runner alive until it gives another or null.
void run_cpu_kernels_with(KernelRunner* runner);

/// Whether launch() works for tensors on this device.
bool has_kernels(torch::Device device);

/// Queues the kernel on the device's current stream.
/// @throws Error kUnsupported (NVRTC refuses the kernel), kRunFailed (the driver does)
void launch(torch::Device device, const std::string& kernel, int64_t blocks, const void* arguments);

}  // namespace golf::cuda
