#pragma once

#include <string>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Writes the same weights as trainers, wrappers and other tools leave them, and files that are no model.
void write_foreign_inputs(const std::string& folder, const TensorSet& weights, const ModelSpec& spec);

}  // namespace golf
