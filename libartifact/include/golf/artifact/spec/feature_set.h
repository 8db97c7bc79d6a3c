#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/base/json_fields.h"

namespace golf {

/// One setting of a model feature: its key in the configuration document and the values it takes.
struct SettingRow {
  enum class Kind {
    kInteger,
    kOptionalInteger,  ///< null, the default, means absent
    kNumber,
    kFlag,
    kChoice,    ///< one of `choices`
    kIntegers,  ///< a list
    kSection,   ///< an optional group of settings; its presence means something
  };
  std::string_view key;
  Kind kind;
  Json standard;  ///< the value of a document that leaves the key out
  std::string_view help;
  int64_t low = std::numeric_limits<int64_t>::min();  ///< limits of integers, both included
  int64_t high = std::numeric_limits<int64_t>::max();
  std::vector<std::string_view> choices = {};
  std::vector<SettingRow> section = {};
};

/// The values of a feature's settings. A key that the feature does not declare is a programming error.
class FeatureSettings {
 public:
  FeatureSettings() : values_(Json::object()) {}
  /// Every setting at its standard value.
  explicit FeatureSettings(const std::vector<SettingRow>& rows);

  int64_t integer(std::string_view key) const { return values_.at(key).as_int(); }
  double number(std::string_view key) const { return values_.at(key).as_double(); }
  bool flag(std::string_view key) const { return values_.at(key).as_bool(); }
  const std::string& choice(std::string_view key) const { return values_.at(key).as_string(); }
  std::optional<int64_t> optional_integer(std::string_view key) const;
  std::vector<int64_t> integers(std::string_view key) const;
  std::optional<FeatureSettings> section(std::string_view key) const;

  /// All values in the order of their rows.
  const Json& json() const { return values_; }

  bool operator==(const FeatureSettings&) const = default;

 private:
  friend void describe(JsonFields& fields, const std::vector<SettingRow>& rows, FeatureSettings& settings);
  Json values_;
};
/// Reads or writes the settings as the members of a JSON object, in the order of the rows.
void describe(JsonFields& fields, const std::vector<SettingRow>& rows, FeatureSettings& settings);
/// Checks the limits of integers. @throws Error kInvalidArgument "WHERE.KEY: …"
void validate(const std::string& where, const std::vector<SettingRow>& rows, const FeatureSettings& settings);

/// The optional parts of a model that are turned on, each with its settings, in the order in which features
/// are declared (feature_declaration.h).
class FeatureSet {
 public:
  using Entry = std::pair<std::string, FeatureSettings>;

  FeatureSet() = default;
  /// {{"smear_gate", {{"variant", "per_token"}}}, …}. Settings that are left out have their standard values.
  FeatureSet(std::initializer_list<std::pair<std::string_view, Json::Object>> features);

  /// The settings of a feature, or null when it is off.
  const FeatureSettings* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Turns a feature on with these settings. @throws Error kInvalidArgument for an unknown feature or key
  void set(std::string_view name, const Json::Object& settings = {});
  /// The same with settings that have been read already.
  void put(std::string_view name, FeatureSettings settings);
  void remove(std::string_view name);

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const FeatureSet&) const = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace golf
