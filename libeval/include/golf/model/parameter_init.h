#pragma once

#include <cstdint>

#include "golf/model/decoder.h"

namespace golf {

struct InitConfig {
  double qk_gain_init = 1.5;
  double tied_embed_init_std = 0.005;  ///< of the embedding, when it is also the head

  bool operator==(const InitConfig&) const = default;
};

/// Gives every parameter its initial value, to the bit what upstream's construction under `seed` gives
/// (spec §3.1): same distributions in the same draw order from a CPU generator of its own, whatever device
/// the model is on.
void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed);

}  // namespace golf
