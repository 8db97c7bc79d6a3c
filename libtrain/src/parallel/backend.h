#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "golf/train/parallel/launch_environment.h"

namespace golf {

// Each backend of torch's c10d is made in its own source: their headers need definitions that no other source
// has.

/// @param address  this machine's, as the other ranks reach it
/// @throws Error kUnsupported when built without Gloo's headers
c10::intrusive_ptr<c10d::Backend> make_gloo_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const RankInfo& ranks, const std::string& address,
                                                    std::chrono::milliseconds timeout);

/// @throws Error kUnsupported when built without CUDA
c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const RankInfo& ranks, std::chrono::milliseconds timeout);

bool has_gloo();
bool has_nccl();

}  // namespace golf
