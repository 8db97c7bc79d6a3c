#pragma once

#include <cstdint>

#include "golf/artifact/spec/eval_config.h"

namespace golf {

/// The cache's weight α at a position where the model's distribution has that entropy, in float32 as PR 993
/// computes it. Source: spec PR 993 §4.
float cache_weight(const EntropyWeight& weight, float entropy_nats, int64_t vocab_size);

}  // namespace golf
