#include "common/model_option.h"

#include <filesystem>

#include "common/run_main.h"

namespace golf {

bool is_path(const std::string& name_or_path) {
  return name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json") ||
         std::filesystem::exists(name_or_path);
}

std::optional<ModelSpec> read_model_option(const std::string& name_or_path) {
  if (name_or_path.empty()) return std::nullopt;
  if (is_path(name_or_path)) return load_model_spec(name_or_path);
  return parse_option("--model-config", [&] { return load_model_spec(name_or_path); });
}

}  // namespace golf
