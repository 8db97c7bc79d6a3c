#pragma once

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf::bench {

/// float32 weights for every tensor of the model, from a normal distribution whose width differs by row, as
/// in trained matrices. The same on every machine.
TensorSet sample_weights(const ModelConfig& config);

}  // namespace golf::bench
