#pragma once

#include <torch/types.h>

#include <string>

namespace golf {

/// Makes `device` the one that this thread's work without a device of its own goes to: pinned memory would
/// otherwise open a context on GPU 0 in every rank. Nothing on the CPU.
void use_device(torch::Device device);

/// The GPU's name as its driver gives it; empty on the CPU.
std::string device_name(torch::Device device);

}  // namespace golf
