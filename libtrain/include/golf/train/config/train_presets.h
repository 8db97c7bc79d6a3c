#pragma once

#include <span>
#include <string_view>

#include "golf/train/config/train_config.h"

namespace golf {

struct TrainPreset {
  std::string_view summary;
  TrainConfig config;  ///< its name is the preset's
};

/// The named training configurations.
std::span<const TrainPreset> train_presets();
/// The preset of that name, or null.
const TrainPreset* find_train_preset(std::string_view name);

}  // namespace golf
