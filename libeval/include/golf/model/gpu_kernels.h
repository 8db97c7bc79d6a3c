#pragma once

#include <optional>
#include <string>

namespace golf {

/// Turns the project's GPU kernels off, so that a GPU runs LibTorch's operations, or on again. They are on at
/// first. The choice holds for the whole process; not while a model computes.
void use_gpu_kernels(bool on);

/// Why a GPU runs LibTorch's operations here and not the project's kernels, in a few words; nothing when it
/// runs the kernels. It may be asked where there is no GPU.
std::optional<std::string> gpu_kernels_missing();

}  // namespace golf
