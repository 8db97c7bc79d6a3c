#pragma once

#include <cstdint>

#include "golf/artifact/spec/matrix_init.h"
#include "golf/model/decoder.h"

namespace golf {

struct InitConfig {
  double qk_gain_init = 1.5;
  double tied_embed_init_std = 0.005;  ///< of the embedding, when it is also the head
  MatrixInit matrices = MatrixInit::kUpstream;
  int64_t mtp_heads = 0;            ///< train-only heads [V, D] whose draws move the generator on (PR 88)
  double markov_mix_init = 0.05;    ///< share of the Markov table that mix_proj starts with
  double markov_pairs_init = 0.05;  ///< markov2_mix

  bool operator==(const InitConfig&) const = default;
};

/// Gives every parameter its initial value, to the bit what the entry's construction under `seed` gives
/// (spec §3.1; for orthogonal matrices as far as LAPACK's QR agrees): same distributions in the same draw
/// order from a CPU generator of its own, whatever device the model is on.
void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed);

}  // namespace golf
