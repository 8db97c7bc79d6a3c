#pragma once

#include <string>
#include <utility>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/spec/model_config.h"

namespace golf {

/// What a model is, as lines of a name and a value: its sizes, and where they differ from the challenge's
/// baseline its features, the order in which blocks run, lanes, and stored against used parameters.
std::vector<std::pair<std::string, std::string>> summarize_model(const ModelConfig& config);
/// {"layer_plan", "parameters": {"stored", "effective"}, "features": [{"name", "summary", "settings"}]}
Json model_summary_json(const ModelConfig& config);

}  // namespace golf
