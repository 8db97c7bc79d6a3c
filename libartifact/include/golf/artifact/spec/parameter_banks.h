#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// PRs 993, 1855 and their descendants train their matrices in four banks, but their artifacts hold one
/// tensor per layer and matrix, as every other submission does. With L layers:
///   qo_bank [2L, d, d]       matrix i → blocks.i.attn.c_q.weight, L + i → blocks.i.attn.proj.weight
///   kv_bank [2L, kv, d]      matrix i → blocks.i.attn.c_k.weight, L + i → blocks.i.attn.c_v.weight
///   mlp_up_bank [L, f, d]    matrix i → blocks.i.mlp.fc.weight
///   mlp_down_bank [L, d, f]  matrix i → blocks.i.mlp.proj.weight
/// Source: docs/SUBMISSIONS.md, PR 993, Model.

/// Where a matrix of a block stands among the banks: in bank `bank` (qo, kv, up, down), the layer's first or
/// second.
struct BankPlace {
  int64_t bank;
  int64_t member;
};
/// The place of "blocks.LAYER.MATRIX.weight"; none for a tensor that no bank holds.
std::optional<BankPlace> bank_place(std::string_view name);
inline bool is_bank_member(std::string_view name) { return bank_place(name).has_value(); }

/// Each bank replaced, at its place, by the matrices it holds: layer by layer, a layer's two side by side.
/// Everything else stays; a set without banks comes back as it is.
/// @throws Error kMismatch naming a bank that is no stack of matrices, or that holds an odd number where
/// pairs are expected; kCorruptData when a layer's tensor is there already
TensorSet split_banks(TensorSet tensors);

/// The names of the set's banks.
std::vector<std::string> bank_names(const TensorSet& tensors);

/// The inverse of split_banks() for the named banks: each stands where its first matrix stood.
/// @throws Error kMismatch naming a matrix that is missing or differs from the bank's others in shape or
/// dtype; kUnsupported for a name that is no bank's
TensorSet join_banks(TensorSet tensors, const std::vector<std::string>& banks);

/// The banks that tensors were split from, told by their order alone: split_banks() leaves a bank's matrices
/// side by side, layer after layer, while a state dict without banks has them block by block. For the
/// submissions' dictionaries, which say nothing else about it. Empty unless qo_bank is among them.
std::vector<std::string> banks_by_order(std::span<const std::string> names);

/// The matrices of one layer that a bank holds, such as {"attn.c_q", "attn.proj"}: their layers follow one
/// another in the bank, first all of the first kind. @throws Error kUnsupported when no bank has the name
std::vector<std::string> bank_matrices(std::string_view bank);

}  // namespace golf
