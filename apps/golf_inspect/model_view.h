#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/spec/model_config.h"

namespace golf {

/// What a model of this configuration will be, before any training: parameters by group and, for each
/// built-in recipe, the bytes it would store before the codec (an upper bound for --codec store).
std::string model_text(const std::string& name, const ModelSpec& spec, int threads, const Style& style);
/// Schema "golf.model/1"; lists every tensor.
Json model_json(const std::string& name, const ModelSpec& spec, int threads);

}  // namespace golf
