#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

/// One name and value of an enumeration, for JSON.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
};

/// Binds the fields of a struct to the members of a JSON object, in one direction or the other, so that each
/// struct lists its fields once:
///
///     void describe(JsonFields& fields, OptimizerConfig& config) {
///       fields.field("matrix_lr", config.matrix_lr);
///       fields.section("adam", config.adam);           // calls describe(JsonFields&, AdamConfig&)
///     }
///     OptimizerConfig config = from_json<OptimizerConfig>(json, "config.json: optimizer");
///     Json json = to_json(config);
///
/// Reading: missing members keep the struct's defaults; unknown members are errors with a suggestion.
class JsonFields {
 public:
  /// Reads from `source`, which must outlive this. `where` names the place in messages.
  static JsonFields reader(const Json& source, std::string where);
  static JsonFields writer();

  void field(std::string_view key, bool& value);
  void field(std::string_view key, int64_t& value);
  void field(std::string_view key, uint64_t& value);
  void field(std::string_view key, double& value);
  void field(std::string_view key, std::string& value);
  void field(std::string_view key, std::vector<int64_t>& value);
  void field(std::string_view key, std::vector<double>& value);
  void field(std::string_view key, std::vector<std::string>& value);

  /// A field that may be null or missing.
  template <class T>
  requires(!std::is_class_v<T> || std::same_as<T, std::string>) void field(std::string_view key,
                                                                           std::optional<T>& value) {
    if (const Json* member = begin(key)) {
      if (member->is_null()) return value.reset();
      T content{};
      field(key, content);
      value = std::move(content);
    } else if (writing() && value) {
      field(key, *value);
    }
  }

  template <class E>
  void enumeration(std::string_view key, E& value, std::span<const EnumName<E>> names) {
    std::string text;
    std::string allowed;
    for (const auto& entry : names) {
      if (entry.value == value) text = entry.name;
      allowed += (allowed.empty() ? "" : ", ") + std::string(entry.name);
    }
    field(key, text);
    for (const auto& entry : names) {
      if (entry.name == text) {
        value = entry.value;
        return;
      }
    }
    fail_choice(key, text, allowed);
  }

  /// A nested struct, always present.
  template <class T>
  void section(std::string_view key, T& value) {
    if (writing()) {
      JsonFields nested = writer();
      describe(nested, value);
      put(key, nested.take());
    } else if (const Json* member = begin(key)) {
      JsonFields nested = reader(*member, nested_where(key));
      describe(nested, value);
      nested.finish();
    }
  }

  /// A nested struct whose presence turns a feature on; null or missing turns it off.
  template <class T>
  void section(std::string_view key, std::optional<T>& value) {
    if (writing()) {
      if (value) section(key, *value);
    } else if (const Json* member = begin(key)) {
      value.reset();
      if (!member->is_null()) section(key, value.emplace());
    }
  }

  /// The same for a value whose fields are known at run time: `describe_value(JsonFields&, T&)` binds them,
  /// and a section that is present begins as `start`.
  template <class T, class Describe>
  void section(std::string_view key, std::optional<T>& value, const T& start,
               const Describe& describe_value) {
    if (writing()) {
      if (!value) return;
      JsonFields nested = writer();
      describe_value(nested, *value);
      put(key, nested.take());
    } else if (const Json* member = begin(key)) {
      value.reset();
      if (member->is_null()) return;
      JsonFields nested = reader(*member, nested_where(key));
      describe_value(nested, value.emplace(start));
      nested.finish();
    }
  }

  /// An array of nested structs.
  template <class T>
  void list(std::string_view key, std::vector<T>& values) {
    if (writing()) {
      Json array = Json::array();
      for (T& value : values) {
        JsonFields nested = writer();
        describe(nested, value);
        array.push_back(nested.take());
      }
      put(key, std::move(array));
    } else if (const Json* member = begin(key)) {
      if (!member->is_array()) fail_field(key, "is not a JSON array");
      values.clear();
      for (const Json& element : member->as_array()) {
        JsonFields nested = reader(element, nested_where(key) + "[" + std::to_string(values.size()) + "]");
        describe(nested, values.emplace_back());
        nested.finish();
      }
    }
  }

  /// Declares a member that this struct does not read (another reader of the same document does).
  void ignore(std::string_view key) { begin(key); }

  bool writing() const { return source_ == nullptr; }
  /// After reading: @throws Error kInvalidArgument when the object has members nobody asked for.
  void finish() const;
  /// After writing: the object.
  Json take() { return std::move(target_); }

 private:
  const Json* begin(std::string_view key);
  void put(std::string_view key, Json value);
  /// A value that `write` makes JSON of, and `read` is read from; the place is named on a wrong type.
  template <class T, class Write, class Read>
  void plain_field(std::string_view key, T& value, Write write, Read read);
  std::string nested_where(std::string_view key) const;
  [[noreturn]] void fail_field(std::string_view key, const std::string& problem) const;
  [[noreturn]] void fail_choice(std::string_view key, std::string_view text, std::string_view allowed) const;

  const Json* source_ = nullptr;
  std::string where_;
  std::vector<std::string> known_;
  Json target_ = Json::object();
};

template <class T>
T from_json(const Json& json, const std::string& where) {
  JsonFields fields = JsonFields::reader(json, where);
  T value{};
  describe(fields, value);
  fields.finish();
  return value;
}

template <class T>
Json to_json(const T& value) {
  JsonFields fields = JsonFields::writer();
  describe(fields, const_cast<T&>(value));  // a writer reads its fields only
  return fields.take();
}

/// The candidate nearest to `word` by edit distance, when one is near enough to suggest.
std::optional<std::string> closest_match(std::string_view word, std::span<const std::string> candidates);

}  // namespace golf
