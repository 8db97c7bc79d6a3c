#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "golf/artifact/spec/model_config.h"

namespace golf {

struct ModelPreset {
  std::string_view name;
  std::string_view summary;
  ModelSpec spec;
};

/// The named model families, full size and tiny.
std::span<const ModelPreset> model_presets();
std::optional<ModelSpec> find_model_preset(std::string_view name);

}  // namespace golf
