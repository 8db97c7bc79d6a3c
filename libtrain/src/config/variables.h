#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/train/config/config_builder.h"

namespace golf {

/// The variables that are set, and where their values go.
class Variables {
 public:
  Variables(ConfigBuilder& builder, const VariableLookup& lookup) : builder_(builder), lookup_(lookup) {}

  std::optional<std::string> text(const char* name) const {
    auto value = lookup_(name);
    return value && value->empty() ? std::nullopt : value;
  }
  std::optional<double> number(const char* name) const {
    const auto given = text(name);
    if (!given) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    if (error != std::errc{} || end != given->data() + given->size() || !std::isfinite(value)) {
      refuse(name, "is not a number");
    }
    return value;
  }
  std::optional<int64_t> integer(const char* name) const {
    const auto value = number(name);
    if (value && (*value != std::floor(*value) || std::abs(*value) > 9e15))
      refuse(name, "is not a whole number");
    return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
  }
  std::optional<bool> flag(const char* name) const {
    const auto value = integer(name);
    return value ? std::optional(*value != 0) : std::nullopt;
  }
  [[noreturn]] void refuse(const char* name, const std::string& problem) const {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("environment variable {}={}: {}", name, printable(text(name).value_or("")), problem));
  }

  /// Sets a value; the section that it belongs to must be there.
  void set(const std::string& key, Json value, const char* name) {
    const std::string section = key.substr(0, key.rfind('.'));
    if (!has(section)) refuse(name, fmt::format("this configuration has no {}", section));
    builder_.set_value(key, std::move(value), fmt::format("environment {}", name));
  }
  /// Makes a section of its defaults, or removes it.
  void turn(const std::string& section, bool on, const char* name) {
    if (on == has(section)) return;
    builder_.set_value(section, on ? Json::object() : Json(), fmt::format("environment {}", name));
  }
  bool has(const std::string& section) const {
    const Json document = to_json(builder_.unchecked());
    const Json* place = &document;
    for (size_t start = 0; place != nullptr && start < section.size();) {
      const size_t end = std::min(section.find('.', start), section.size());
      place = place->is_object() ? place->find(section.substr(start, end - start)) : nullptr;
      start = end + 1;
    }
    return place != nullptr;
  }
  TrainConfig config() const { return builder_.unchecked(); }

 private:
  ConfigBuilder& builder_;
  const VariableLookup& lookup_;
};

}  // namespace golf
