#pragma once

#include <stdexcept>
#include <string>

#include "golf/train/config/train_config.h"

namespace golf::test {

/// The preset of that name. @throws std::out_of_range when there is none
inline const TrainConfig& train_preset(std::string_view name) {
  for (const TrainPreset& preset : train_presets()) {
    if (preset.config.name == name) return preset.config;
  }
  throw std::out_of_range("no preset " + std::string(name));
}

}  // namespace golf::test
