#include "golf/artifact/spec/feature_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf {
namespace {

Json read_choice(JsonFields& fields, const SettingRow& row, const std::string& current) {
  std::vector<EnumName<size_t>> names;
  size_t chosen = 0;
  for (size_t i = 0; i < row.choices.size(); ++i) {
    names.push_back({i, row.choices[i]});
    if (row.choices[i] == current) chosen = i;
  }
  fields.enumeration<size_t>(row.key, chosen, names);
  return std::string(row.choices[chosen]);
}

/// Reads or writes one plain field of type T and gives its value back.
template <class T>
Json plain(JsonFields& fields, const SettingRow& row, T value) {
  fields.field(row.key, value);
  return Json(std::move(value));
}

Json::Array to_array(const std::vector<int64_t>& values) { return {values.begin(), values.end()}; }

}  // namespace

FeatureSettings::FeatureSettings(const std::vector<SettingRow>& rows) : FeatureSettings() {
  for (const SettingRow& row : rows) values_[row.key] = row.standard;
}

std::optional<int64_t> FeatureSettings::optional_integer(std::string_view key) const {
  const Json& value = values_.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.as_int());
}

std::vector<int64_t> FeatureSettings::integers(std::string_view key) const {
  std::vector<int64_t> values;
  for (const Json& value : values_.at(key).as_array()) values.push_back(value.as_int());
  return values;
}

std::optional<FeatureSettings> FeatureSettings::section(std::string_view key) const {
  const Json& value = values_.at(key);
  if (value.is_null()) return std::nullopt;
  FeatureSettings settings;
  settings.values_ = value;
  return settings;
}

void describe(JsonFields& fields, const std::vector<SettingRow>& rows, FeatureSettings& settings) {
  for (const SettingRow& row : rows) {
    Json& value = settings.values_[row.key];
    switch (row.kind) {
      case SettingRow::Kind::kInteger:
        value = plain(fields, row, value.as_int());
        break;
      case SettingRow::Kind::kNumber:
        value = plain(fields, row, value.as_double());
        break;
      case SettingRow::Kind::kFlag:
        value = plain(fields, row, value.as_bool());
        break;
      case SettingRow::Kind::kChoice:
        value = read_choice(fields, row, std::string(value.as_string()));
        break;
      case SettingRow::Kind::kOptionalInteger: {
        std::optional<int64_t> number = settings.optional_integer(row.key);
        fields.field(row.key, number);
        value = number ? Json(*number) : Json();
        break;
      }
      case SettingRow::Kind::kIntegers: {
        std::vector<int64_t> list = settings.integers(row.key);
        fields.field(row.key, list);
        value = Json(to_array(list));
        break;
      }
      case SettingRow::Kind::kSection: {
        std::optional<FeatureSettings> section = settings.section(row.key);
        fields.section(
            row.key, section, FeatureSettings(row.section),
            [&](JsonFields& nested, FeatureSettings& content) { describe(nested, row.section, content); });
        value = section ? section->values_ : Json();
        break;
      }
    }
  }
}

void validate(const std::string& where, const std::vector<SettingRow>& rows,
              const FeatureSettings& settings) {
  for (const SettingRow& row : rows) {
    const std::string field = fmt::format("{}.{}", where, row.key);
    if (row.kind == SettingRow::Kind::kInteger)
      require_range(field, settings.integer(row.key), row.low, row.high);
    if (row.kind == SettingRow::Kind::kOptionalInteger) {
      if (const auto value = settings.optional_integer(row.key)) {
        require_range(field, *value, row.low, row.high);
      }
    }
    if (row.kind == SettingRow::Kind::kSection) {
      if (const auto section = settings.section(row.key)) validate(field, row.section, *section);
    }
  }
}

FeatureSet::FeatureSet(std::initializer_list<std::pair<std::string_view, Json::Object>> features) {
  for (const auto& [name, settings] : features) set(name, settings);
}

const FeatureSettings* FeatureSet::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.first == name; });
  return found == entries_.end() ? nullptr : &found->second;
}

void FeatureSet::set(std::string_view name, const Json::Object& settings) {
  const FeatureDeclaration& declaration = find_feature(name);
  const Json source = Json::object(settings);
  JsonFields fields = JsonFields::reader(source, fmt::format("model.{}", name));
  FeatureSettings values(declaration.settings);
  describe(fields, declaration.settings, values);
  fields.finish();
  put(name, std::move(values));
}

void FeatureSet::put(std::string_view name, FeatureSettings settings) {
  remove(name);
  entries_.emplace_back(name, std::move(settings));
  const std::span<const FeatureDeclaration> declared = feature_declarations();
  const auto place = [&](const Entry& entry) {
    return std::find_if(declared.begin(), declared.end(),
                        [&](const FeatureDeclaration& row) { return row.name == entry.first; });
  };
  std::sort(entries_.begin(), entries_.end(),
            [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
}

void FeatureSet::remove(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.first == name; });
}

}  // namespace golf
