#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace golf {

/// A JSON value. Objects keep the order in which keys were added, and keys are unique.
/// json.cpp is the one file that includes nlohmann-json.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}                      // NOLINT: implicit on purpose, as in every JSON library
  Json(bool value) : value_(value) {}          // NOLINT
  Json(int value) : value_(int64_t{value}) {}  // NOLINT
  Json(int64_t value) : value_(value) {}       // NOLINT
  Json(uint64_t value) : value_(value) {}      // NOLINT
  Json(double value) : value_(value) {}        // NOLINT
  Json(std::string value) : value_(std::move(value)) {}         // NOLINT
  Json(std::string_view value) : value_(std::string(value)) {}  // NOLINT
  Json(const char* value) : value_(std::string(value)) {}       // NOLINT
  Json(Array value) : value_(std::move(value)) {}               // NOLINT
  static Json object(Object members = {});
  static Json array(Array elements = {}) { return Json(std::move(elements)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const {
    return std::holds_alternative<int64_t>(value_) || std::holds_alternative<uint64_t>(value_);
  }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// The accessors throw Error kCorruptData when the value is of another type or does not fit.
  bool as_bool() const;
  int64_t as_int() const;
  uint64_t as_uint() const;
  double as_double() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;
  Array& as_array();
  Object& as_object();

  /// The member `key` of an object, or null. The pointer lives as long as the object is not changed.
  const Json* find(std::string_view key) const;
  Json* find(std::string_view key);
  /// The member `key`. @throws Error kCorruptData when it is missing
  const Json& at(std::string_view key) const;
  /// The member `key`, added as null when missing; a null value becomes an object first.
  Json& operator[](std::string_view key);
  void push_back(Json element);

  /// Serializes. `indent` < 0 is one line. NaN and infinities become null; doubles round-trip.
  std::string dump(int indent = -1) const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object> value_;
};

/// Parses one strict JSON document (RFC 8259): duplicate keys, invalid UTF-8, NaN literals, comments, bytes
/// after the end and nesting over 64 are refused. `what` names the input in messages.
/// @throws Error kCorruptData
Json parse_json(std::string_view text, const std::string& what, uint64_t max_bytes);
Json parse_json(std::string_view text, const std::string& what);
/// Reads and parses a file ("-" is standard input).
Json read_json_file(const std::string& path);

}  // namespace golf
