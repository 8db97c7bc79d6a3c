#pragma once

// NVRTC, the CUDA compiler that is a library. The CUDA wheel of torch ships it. It is loaded when it is first
// needed, so that nothing is linked to CUDA and no header of CUDA's is needed.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace golf::cuda {

/// The sources of all GPU kernels, one after the other, as NVRTC compiles them.
std::string_view kernel_source();

struct CompiledKernels {
  std::string image;                 ///< a cubin, for cuModuleLoadData
  std::vector<std::string> symbols;  ///< of the kernels, in the order of their names
};

/// Compiles the kernels of these names, such as "mix_norm<4, float, bf16>", for GPUs of one compute
/// capability. That of an H100 is {9, 0}. Takes about 0.3 s. May be called from several threads at once.
/// @throws Error kUnsupported when NVRTC is not there or refuses, with its first message
CompiledKernels compile_kernels(std::span<const std::string> names, int major, int minor);

/// Why NVRTC cannot be used here; nothing when it can.
std::optional<std::string> nvrtc_missing();

}  // namespace golf::cuda
