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

void JsonFields::fail_choice(std::string_view key, std::string_view text, std::string_view allowed) const {
  fail_field(key, fmt::format("\"{}\" is not one of: {}", printable(text), allowed));
}

template <class T, class Write, class Read>
void JsonFields::plain_field(std::string_view key, T& value, Write write, Read read) {
  if (writing()) return put(key, write(value));
  const Json* member = begin(key);
  if (member == nullptr) return;
  try {
    value = read(*member);
  } catch (const Error& error) {
    fail_field(key, error.what());
  }
}

namespace {

constexpr auto kToJson = [](const auto& value) { return Json(value); };
constexpr auto kToArray = [](const auto& values) {
  return Json::array(Json::Array(values.begin(), values.end()));
};

/// Reads an array of what `read` reads.
template <class Read>
auto array_reader(Read read) {
  return [read](const Json& json) {
    std::vector<std::decay_t<decltype(read(json))>> values;
    for (const Json& element : json.as_array()) values.push_back(read(element));
    return values;
  };
}

constexpr auto kReadBool = [](const Json& json) { return json.as_bool(); };
constexpr auto kReadInt = [](const Json& json) { return json.as_int(); };
constexpr auto kReadUint = [](const Json& json) { return json.as_uint(); };
constexpr auto kReadDouble = [](const Json& json) { return json.as_double(); };
constexpr auto kReadString = [](const Json& json) { return json.as_string(); };

}  // namespace

void JsonFields::field(std::string_view key, bool& value) { plain_field(key, value, kToJson, kReadBool); }
void JsonFields::field(std::string_view key, int64_t& value) { plain_field(key, value, kToJson, kReadInt); }
void JsonFields::field(std::string_view key, uint64_t& value) { plain_field(key, value, kToJson, kReadUint); }
void JsonFields::field(std::string_view key, double& value) { plain_field(key, value, kToJson, kReadDouble); }
void JsonFields::field(std::string_view key, std::string& value) {
  plain_field(key, value, kToJson, kReadString);
}
void JsonFields::field(std::string_view key, std::vector<int64_t>& value) {
  plain_field(key, value, kToArray, array_reader(kReadInt));
}
void JsonFields::field(std::string_view key, std::vector<double>& value) {
  plain_field(key, value, kToArray, array_reader(kReadDouble));
}
void JsonFields::field(std::string_view key, std::vector<std::string>& value) {
  plain_field(key, value, kToArray, array_reader(kReadString));
}

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
