#pragma once

#include "golf/artifact/container/artifact.h"

namespace golf::test {

/// Bell-shaped weights for every tensor of the model, the same each time.
TensorSet random_weights(const ModelConfig& config);
/// A model of two layers with every kind of tensor an artifact can hold, quantized by mixed-int6 at a low
/// limit.
ModelConfig small_config();
Artifact small_artifact();

/// Scheme, dtypes, shapes, bytes of every tensor.
void expect_same_model(const StoredModel& found, const StoredModel& expected);

}  // namespace golf::test
