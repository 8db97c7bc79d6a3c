#pragma once

#include "golf/artifact/container/artifact.h"

namespace golf::fuzz {

/// A model of a layer, about 1,200 weights, the same each time.
ModelConfig seed_config();
TensorSet seed_weights();
/// The model quantized by a recipe.
Artifact seed_artifact(const std::string& recipe, const std::vector<SchemeOverride>& overrides = {});

}  // namespace golf::fuzz
