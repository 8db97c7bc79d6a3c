#pragma once

// Formulas of features that tests check alone.

#include <torch/types.h>

namespace golf {

/// The row of BigramHash's table that each position reads: for tokens t and predecessor s,
/// ((36313·t) xor (27191·s)) mod (buckets − 1) in wrapping int32 arithmetic, the remainder never negative;
/// the last row for the first position of a sequence. ids int64 [B, T] → int32 [B, T].
torch::Tensor bigram_slots(const torch::Tensor& ids_BT, int64_t buckets);

/// The row of MarkovMix's second table that each position reads: for input token p and predecessor q (0 at
/// the first position), ((q·1000003) xor (p·92821)) mod buckets in int64. ids int64 [B, T] → int64 [B, T].
torch::Tensor markov_pair_slots(const torch::Tensor& ids_BT, int64_t buckets);

/// cap_pos · tanh(z / cap_pos) where z ≥ 0, cap_neg · tanh(z / cap_neg) elsewhere (AsymLogit, PR 2135).
torch::Tensor asymmetric_softcap(const torch::Tensor& z, const torch::Tensor& cap_pos,
                                 const torch::Tensor& cap_neg);

}  // namespace golf
