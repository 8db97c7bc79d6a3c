#pragma once

#include <cstdint>

#include "golf/artifact/spec/initial_values.h"
#include "golf/model/decoder.h"

namespace golf {

/// Gives every parameter its initial value, to the bit what the submission's construction under `seed` gives
/// (for orthogonal matrices as far as LAPACK's QR agrees): carries out init_plan with a CPU generator of its
/// own, whatever device the model is on.
void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed);

}  // namespace golf
