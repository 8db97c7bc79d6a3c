#pragma once

// Runs the GPU kernels of libeval/src/model/cuda/kernels on the processor, each thread of a block as a
// coroutine of its own, so that tests see their indices, their barriers and the order of their sums. Include
// it before the kernels' sources, and these in namespace scope: it stands in for the names that CUDA's
// compiler brings.

#include <cmath>
#include <cstring>
#include <functional>

namespace golf::simt {

struct Index {
  unsigned x;
};
struct Place {
  Index thread, block, block_size, grid;
};
/// Of the thread that runs now.
extern Place place;

/// Runs the kernel's body for each thread of each block. Blocks run one after the other. Throws
/// std::logic_error where a GPU would hang or give anything: a barrier or an exchange that part of the
/// threads never reach.
void launch(unsigned blocks, unsigned threads, const std::function<void()>& body);

/// __syncthreads.
void sync_block();
/// The value that thread `lane` of this thread's warp gives to the same call.
float exchange(float value, unsigned lane);

inline float float_of(unsigned bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}
inline unsigned bits_of(float x) {
  unsigned bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

}  // namespace golf::simt

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(...)
#define threadIdx (::golf::simt::place.thread)
#define blockIdx (::golf::simt::place.block)
#define blockDim (::golf::simt::place.block_size)
#define gridDim (::golf::simt::place.grid)
#define __syncthreads() ::golf::simt::sync_block()
#define __shfl_sync(mask, value, lane) ::golf::simt::exchange(value, static_cast<unsigned>(lane))
#define __shfl_xor_sync(mask, value, distance) \
  ::golf::simt::exchange(value, (threadIdx.x % 32U) ^ static_cast<unsigned>(distance))
#define __uint_as_float(bits) ::golf::simt::float_of(bits)
#define __float_as_uint(x) ::golf::simt::bits_of(x)
#define __expf(x) std::exp(x)
#define __fdividef(x, y) ((x) / (y))
