#include "golf/artifact/base/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

JsonFields JsonFields::reader(const Json& source, std::string where) {
  if (!source.is_object()) fail(ErrorCode::kInvalidArgument, where + ": is not a JSON object");
  JsonFields fields;
  fields.source_ = &source;
  fields.where_ = std::move(where);
  return fields;
}

JsonFields JsonFields::writer() { return {}; }

const Json* JsonFields::begin(std::string_view key) {
  if (writing()) return nullptr;
  known_.emplace_back(key);
  return source_->find(key);
}

void JsonFields::put(std::string_view key, Json value) { target_[key] = std::move(value); }

std::string JsonFields::nested_where(std::string_view key) const { return fmt::format("{}.{}", where_, key); }

void JsonFields::fail_field(std::string_view key, const std::string& problem) const {
  fail(ErrorCode::kInvalidArgument, fmt::format("{}.{}: {}", where_, key, problem));
}

// One line a type: write when writing, else read when the member is there, naming the place on a wrong type.
#define GOLF_JSON_FIELD(Type, to_json_expression, from_json_expression) \
  void JsonFields::field(std::string_view key, Type& value) {           \
    if (writing()) return put(key, to_json_expression);                 \
    const Json* member = begin(key);                                    \
    if (member == nullptr) return;                                      \
    try {                                                               \
      value = from_json_expression;                                     \
    } catch (const Error& error) {                                      \
      fail_field(key, error.what());                                    \
    }                                                                   \
  }

namespace {

template <class T>
Json array_of(const std::vector<T>& values) {
  return Json::array(Json::Array(values.begin(), values.end()));
}

template <class T, class Convert>
std::vector<T> vector_of(const Json& json, Convert convert) {
  std::vector<T> values;
  for (const Json& element : json.as_array()) values.push_back((element.*convert)());
  return values;
}

}  // namespace

GOLF_JSON_FIELD(bool, Json(value), member->as_bool())
GOLF_JSON_FIELD(int64_t, Json(value), member->as_int())
GOLF_JSON_FIELD(uint64_t, Json(value), member->as_uint())
GOLF_JSON_FIELD(double, Json(value), member->as_double())
GOLF_JSON_FIELD(std::string, Json(value), member->as_string())
GOLF_JSON_FIELD(std::vector<int64_t>, array_of(value), vector_of<int64_t>(*member, &Json::as_int))
GOLF_JSON_FIELD(std::vector<double>, array_of(value), vector_of<double>(*member, &Json::as_double))
GOLF_JSON_FIELD(std::vector<std::string>, array_of(value),
                vector_of<std::string>(*member,
                                       static_cast<const std::string& (Json::*)() const>(&Json::as_string)))
#undef GOLF_JSON_FIELD

void JsonFields::finish() const {
  for (const auto& [key, value] : source_->as_object()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto suggestion = closest_match(key, known_);
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: unknown key \"{}\"{}", where_, printable(key),
                     suggestion ? fmt::format(": did you mean \"{}\"?", *suggestion) : ": remove it"));
  }
}

std::optional<std::string> closest_match(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  if (word.size() > 200) return best;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace golf
