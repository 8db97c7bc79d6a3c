#pragma once

// Attention on a GPU within documents of any lengths, as one call for all of them.

#include <torch/types.h>

#include "model/documents.h"

namespace golf::flash {

/// Whether LibTorch's flash kernel takes documents of such queries: bf16 or half on a GPU, heads of a
/// multiple of 8 components, at most 256.
bool takes(const torch::Tensor& q_BTHK);
/// Whether FlashAttention-3 is loaded and takes them.
bool takes_v3(const torch::Tensor& q_BTHK);

/// plain::causal_attention within documents, by LibTorch's kernel.
torch::Tensor attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK, const torch::Tensor& v_BTGK,
                        const Documents& documents);
/// The same by FlashAttention-3; without documents each row is one.
torch::Tensor attention_v3(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                           const torch::Tensor& v_BTGK, const Documents& documents);

}  // namespace golf::flash
