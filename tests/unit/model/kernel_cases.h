#pragma once

// Each operation of model/ops/cuda_path.h against plain:: in float64, values and gradients, in sizes that
// leave warps, blocks and quads of four elements partly empty. On the CPU its kernels run in the emulator
// (kernel_emulator.h), on a GPU as they are.

#include <torch/types.h>

namespace golf::test {

/// Residual stream and norm: sums with one and with two rows of coefficients, with a norm and without, norms
/// alone.
void check_mix_norm(torch::Device device);
void check_write_lanes(torch::Device device);
void check_leaky_relu_squared(torch::Device device);
/// Whole and partial rotation, an odd number of heads, with and without gain.
void check_qk_norm_rotary(torch::Device device);
/// Exclusive attention, gates, and both; grouped heads; a value of length zero.
void check_finish_heads(torch::Device device);
/// Vocabularies of 50 to 8,192, float32 and bf16 scores; a target that is no class gives NaN.
void check_softcap_nll(torch::Device device);

}  // namespace golf::test
