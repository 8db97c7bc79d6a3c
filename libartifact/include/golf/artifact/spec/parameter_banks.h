#pragma once

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// PR 993 trains its matrices in four banks, but stores one tensor per layer and role, as every other entry
/// does. With L layers:
///   qo_bank [2L, d, d]       matrix i → blocks.i.attn.c_q.weight, L + i → blocks.i.attn.proj.weight
///   kv_bank [2L, kv, d]      matrix i → blocks.i.attn.c_k.weight, L + i → blocks.i.attn.c_v.weight
///   mlp_up_bank [L, f, d]    matrix i → blocks.i.mlp.fc.weight
///   mlp_down_bank [L, d, f]  matrix i → blocks.i.mlp.proj.weight
/// Source: spec PR 993 §1.1, §3.

/// Each bank replaced, at its place, by the matrices it holds: layer by layer, a layer's two side by side.
/// Everything else stays; a set without banks comes back as it is.
/// @throws Error kMismatch naming a bank that is no stack of matrices, or that holds an odd number where
/// pairs are expected; kCorruptData when a layer's tensor is there already
TensorSet split_banks(TensorSet tensors);

/// The inverse: each bank stands where its first matrix stood.
/// @throws Error kMismatch naming a matrix that is missing or differs from the bank's others in shape or
/// dtype
TensorSet join_banks(TensorSet tensors);

}  // namespace golf
