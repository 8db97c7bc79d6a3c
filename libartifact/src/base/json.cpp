#include "golf/artifact/base/json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

[[noreturn]] void fail_type(const char* expected) {
  fail(ErrorCode::kCorruptData, fmt::format("JSON value is not {}", expected));
}

/// Builds Json from nlohmann's SAX events, refusing what its DOM parser would let pass.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string what) : what_(std::move(what)) {}
  Json take() { return std::move(root_); }

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override { return add(value); }
  bool number_unsigned(uint64_t value) override {
    return value <= uint64_t{std::numeric_limits<int64_t>::max()} ? add(static_cast<int64_t>(value))
                                                                  : add(value);
  }
  bool number_float(double value, const std::string& text) override {
    if (!std::isfinite(value)) problem(fmt::format("number {} is out of range", text));
    return add(value);
  }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) override { problem("binary value"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    // A set per level: a linear search here would make a hostile object of n keys cost n².
    if (!seen_.back().insert(name).second) problem(fmt::format("duplicate key \"{}\"", printable(name)));
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string text = error.what();
    const size_t start = text.find("] ");
    problem(fmt::format("{} (at byte {})",
                        printable(start == std::string::npos ? text : text.substr(start + 2)), position));
  }

 private:
  [[noreturn]] void problem(const std::string& text) const {
    fail(ErrorCode::kCorruptData, fmt::format("{}: not valid JSON: {}", what_, text));
  }
  Json* place(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.as_array().back();
    }
    parent.as_object().emplace_back(std::move(key_), std::move(value));
    return &parent.as_object().back().second;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json container) {
    if (stack_.size() >= static_cast<size_t>(limits::kJsonNesting)) {
      problem(fmt::format("nested deeper than {}", limits::kJsonNesting));
    }
    stack_.push_back(place(std::move(container)));
    seen_.emplace_back();
    return true;
  }
  bool close() {
    stack_.pop_back();
    seen_.pop_back();
    return true;
  }

  std::string what_;
  Json root_;
  std::vector<Json*> stack_;  // parents cannot move while a child is open: siblings come after it
  std::vector<std::set<std::string>> seen_;
  std::string key_;
};

nlohmann::ordered_json to_nlohmann(const Json& value) {
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    auto out = nlohmann::ordered_json::array();
    for (const Json& element : value.as_array()) out.push_back(to_nlohmann(element));
    return out;
  }
  if (value.is_object()) {
    auto out = nlohmann::ordered_json::object();
    // The base container is a vector: push_back keeps this linear where operator[] searches.
    for (const auto& [key, member] : value.as_object()) {
      out.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(key, to_nlohmann(member));
    }
    return out;
  }
  if (!value.is_integer()) return value.as_double();
  if (value.as_double() >= 0) return value.as_uint();  // any integer type holds it
  return value.as_int();
}

}  // namespace

Json Json::object(Object members) {
  Json json;
  json.value_ = std::move(members);
  return json;
}

bool Json::as_bool() const {
  if (const auto* value = std::get_if<bool>(&value_)) return *value;
  fail_type("true or false");
}

int64_t Json::as_int() const {
  if (const auto* value = std::get_if<int64_t>(&value_)) return *value;
  fail_type("an integer of 64 bits");
}

uint64_t Json::as_uint() const {
  if (const auto* value = std::get_if<uint64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<int64_t>(&value_); value != nullptr && *value >= 0) {
    return static_cast<uint64_t>(*value);
  }
  fail_type("a non-negative integer");
}

double Json::as_double() const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<uint64_t>(&value_)) return static_cast<double>(*value);
  fail_type("a number");
}

const std::string& Json::as_string() const {
  if (const auto* value = std::get_if<std::string>(&value_)) return *value;
  fail_type("a string");
}

const Json::Array& Json::as_array() const {
  if (const auto* value = std::get_if<Array>(&value_)) return *value;
  fail_type("an array");
}

const Json::Object& Json::as_object() const {
  if (const auto* value = std::get_if<Object>(&value_)) return *value;
  fail_type("an object");
}

Json::Array& Json::as_array() { return const_cast<Array&>(std::as_const(*this).as_array()); }
Json::Object& Json::as_object() { return const_cast<Object&>(std::as_const(*this).as_object()); }

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : as_object()) {
    if (name == key) return &value;
  }
  return nullptr;
}

Json* Json::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  fail(ErrorCode::kCorruptData, fmt::format("JSON key \"{}\" is missing", key));
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object();
  if (Json* value = find(key)) return *value;
  return as_object().emplace_back(std::string(key), Json()).second;
}

void Json::push_back(Json element) {
  if (is_null()) value_ = Array();
  as_array().push_back(std::move(element));
}

std::string Json::dump(int indent) const {
  return to_nlohmann(*this).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Json parse_json(std::string_view text, const std::string& what, uint64_t max_bytes) {
  if (text.size() > max_bytes) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: JSON of {} bytes, at most {} allowed", what, text.size(), max_bytes));
  }
  Builder builder(what);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Json parse_json(std::string_view text, const std::string& what) {
  return parse_json(text, what, limits::kJsonBytes);
}

Json read_json_file(const std::string& path) {
  const Bytes bytes = read_file(path, limits::kJsonBytes);
  return parse_json(as_text(bytes), printable(path));
}

}  // namespace golf
