#pragma once

#include <cstdint>

#include "golf/model/decoder.h"

namespace golf {

/// What the matrices start as. Those that write to the residual stream start at zero in any case.
///   kUpstream         torch's default for linear layers, uniform in ±1/√fan_in
///   kOrthogonal       orthogonal (PRs 192, 262)
///   kOrthogonalBanks  orthogonal, drawn in the order of PR 993's parameter banks
enum class MatrixInit { kUpstream, kOrthogonal, kOrthogonalBanks };

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
