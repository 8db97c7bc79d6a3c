#pragma once

// What the autograd functions over the GPU kernels share.

#include <fmt/format.h>
#include <torch/types.h>

#include <string>

#include "model/cuda/driver.h"
#include "model/cuda/kernels/arguments.h"

namespace golf::cuda {

inline constexpr int64_t kWarpsPerBlock = kThreadsPerBlock / 32;

/// The kernels' name of a tensor's type.
inline const char* type_name(torch::ScalarType type) { return type == torch::kBFloat16 ? "bf16" : "float"; }

/// Contiguous and aligned to 16 bytes, as the kernels read it; an undefined tensor stays undefined.
inline torch::Tensor readable(const torch::Tensor& t) {
  if (!t.defined()) return t;
  torch::Tensor contiguous = t.contiguous();
  const bool is_aligned = reinterpret_cast<uintptr_t>(contiguous.const_data_ptr()) % 16 == 0;
  return is_aligned ? contiguous : contiguous.clone();
}

template <class T = void>
const T* data(const torch::Tensor& t) {
  return t.defined() ? static_cast<const T*>(t.const_data_ptr()) : nullptr;
}
template <class T = void>
T* mutable_data(const torch::Tensor& t) {
  return t.defined() ? static_cast<T*>(t.mutable_data_ptr()) : nullptr;
}

inline int64_t divide_up(int64_t count, int64_t by) { return (count + by - 1) / by; }

/// Blocks of a kernel that adds up over all rows: each has its own row of partial sums. Four for each of an
/// H100's multiprocessors; a constant, so that sums are the same on every GPU.
inline constexpr int64_t kSummingBlocks = 528;

/// The quads of four elements that each of a warp's threads needs for a row.
inline int quads_of(int64_t width) {
  int quads = 1;
  while (quads * 128 < width) quads *= 2;
  return quads;
}

/// `like` without history, or an undefined tensor when nobody wants it.
inline torch::Tensor empty_if(bool wanted, const torch::Tensor& like) {
  return wanted ? at::empty_like(like) : torch::Tensor();
}

}  // namespace golf::cuda
