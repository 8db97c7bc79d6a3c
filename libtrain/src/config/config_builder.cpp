#include "golf/train/config/config_builder.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/train/config/train_config.h"

namespace golf {
namespace {

/// Members of `over` win; objects on both sides are merged.
void merge(Json& base, const Json& over) {
  for (const auto& [name, value] : over.as_object()) {
    Json* place = base.find(name);
    if (place != nullptr && place->is_object() && value.is_object()) {
      merge(*place, value);
    } else {
      base[name] = value;
    }
  }
}

Json value_of(std::string_view text) {
  try {
    return parse_json(text, "value");
  } catch (const Error&) {
    return Json(text);  // a bare word
  }
}

}  // namespace

ConfigBuilder::ConfigBuilder(const std::string& name_or_path) { add(name_or_path); }

void ConfigBuilder::add(const std::string& name_or_path) {
  Json layer;
  std::string origin = name_or_path;
  std::map<std::string, Json> usual;  // what need not be said: values of the first preset that are defaults
  std::vector<std::string> names;
  for (const TrainPreset& preset : train_presets()) names.push_back(preset.config.name);
  if (const auto preset = resolve_name_or_path(name_or_path, names, "training preset")) {
    layer = to_json(train_presets()[*preset].config);
    origin = "preset " + name_or_path;
    if (where_.empty()) usual = leaves_of(to_json(TrainConfig{}));
  } else {
    layer = read_json_file(name_or_path);
    if (!layer.is_object()) fail(ErrorCode::kInvalidArgument, name_or_path + ": is not a JSON object");
  }
  where_ = name_or_path;
  for_each_leaf(layer, [&](const std::string& key, const Json& value) {
    const auto found = usual.find(key);
    if (found == usual.end() || found->second != value) origins_[key] = origin;
  });
  merge(document_, layer);
}

void ConfigBuilder::set(std::string_view key, std::string_view text, const std::string& origin) {
  set_value(key, value_of(text), origin);
}

void ConfigBuilder::set_value(std::string_view key, Json value, const std::string& origin) {
  Json* place = &document_;
  for (size_t start = 0; start <= key.size();) {
    const size_t end = std::min(key.find('.', start), key.size());
    if (end == start || !(place->is_object() || place->is_null())) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{} {}: \"{}\" is not a section of the configuration: give SECTION.KEY=VALUE", origin,
                       printable(key), printable(key.substr(0, start == 0 ? 0 : start - 1))));
    }
    place = &(*place)[key.substr(start, end - start)];
    start = end + 1;
  }
  *place = std::move(value);
  origins_[std::string(key)] = origin;
}

void ConfigBuilder::set_assignment(std::string_view assignment, const std::string& origin) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} {}: has no \"=\": give SECTION.KEY=VALUE", origin, printable(assignment)));
  }
  set(assignment.substr(0, equals), assignment.substr(equals + 1), origin);
}

TrainConfig ConfigBuilder::build() const {
  TrainConfig config = unchecked();
  try {
    validate(config);
  } catch (const Error& error) {
    fail_within(where_, error);
  }
  return config;
}

std::vector<ConfigEntry> ConfigBuilder::entries() const {
  std::vector<ConfigEntry> entries;
  for_each_leaf(to_json(build()), [&](const std::string& key, const Json& value) {
    const auto origin = origins_.find(key);
    entries.push_back({key, value, origin == origins_.end() ? "default" : origin->second});
  });
  return entries;
}

}  // namespace golf
