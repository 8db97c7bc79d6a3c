#include "container/ptz_dict.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

namespace {

template <class T>
const T& get(const TorchValue& value, const std::string& place, const std::string& key,
             std::string_view kind) {
  if (const T* found = std::get_if<T>(&value.value)) return *found;
  fail_layout(place, fmt::format("\"{}\" is not {}", printable(key), kind));
}

}  // namespace

DictReader::DictReader(const TorchValue& value, std::string place) : place_(std::move(place)) {
  dict_ = std::get_if<TorchValue::Dict>(&value.value);
  if (dict_ == nullptr) fail_layout(place_, "a dictionary expected");
  for (const auto& [key, member] : *dict_) {
    const auto* name = std::get_if<std::string>(&key.value);
    if (name == nullptr) fail_layout(place_, "a key is not a string");
    if (!index_.emplace(*name, &member).second) {
      fail_layout(place_, fmt::format("key \"{}\" appears twice", printable(*name)));
    }
  }
}

const TorchValue* DictReader::find(const std::string& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : found->second;
}

const TorchValue& DictReader::at(const std::string& key) const {
  if (const TorchValue* value = find(key)) return *value;
  fail_layout(place_, fmt::format("\"{}\" is missing", printable(key)));
}

const Tensor& DictReader::tensor(const std::string& key) const {
  return get<Tensor>(at(key), place_, key, "a tensor");
}

const std::string& DictReader::text(const std::string& key) const {
  return get<std::string>(at(key), place_, key, "a string");
}

int64_t DictReader::integer(const std::string& key) const {
  return get<int64_t>(at(key), place_, key, "an integer");
}

DType DictReader::dtype(const std::string& key) const {
  const std::string& name = get<std::string>(at(key), place_, key, "a dtype name");
  if (const auto dtype = dtype_from_torch(name)) return *dtype;
  fail_layout(place_, fmt::format("\"{}\": dtype \"{}\" is not known", printable(key), printable(name)));
}

DictReader DictReader::optional_dict(const std::string& key) const {
  static const TorchValue kEmpty{.value = TorchValue::Dict{}};
  const TorchValue* value = find(key);
  return {value != nullptr ? *value : kEmpty, place_ + ": " + key};
}

std::vector<std::string> DictReader::names() const {
  std::vector<std::string> names;
  for (const auto& [key, member] : *dict_) names.push_back(std::get<std::string>(key.value));
  return names;
}

TorchValue torch_text(std::string_view value) { return {.value = std::string(value)}; }

void put(TorchValue::Dict& dict, std::string_view key, TorchValue value) {
  dict.emplace_back(torch_text(key), std::move(value));
}

void fail_layout(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what, problem));
}

namespace {

std::string key_text(const TorchValue& key) {
  if (const auto* text = std::get_if<std::string>(&key.value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&key.value)) return std::to_string(*number);
  return "?";
}

void add_tensors(const TorchValue& value, const std::string& name, StoredModel& model) {
  const auto inner = [&](const std::string& key) { return name.empty() ? key : name + "/" + key; };
  if (const auto* dict = std::get_if<TorchValue::Dict>(&value.value)) {
    for (const auto& [key, member] : *dict) add_tensors(member, inner(key_text(key)), model);
  } else if (const auto* list = std::get_if<TorchValue::List>(&value.value)) {
    for (size_t i = 0; i < list->size(); ++i) add_tensors((*list)[i], inner(std::to_string(i)), model);
  } else if (const auto* tensor = std::get_if<Tensor>(&value.value)) {
    model.tensors.push_back({.name = name, .original_dtype = tensor->dtype, .values = *tensor});
  }
}

}  // namespace

StoredModel list_tensors(const TorchValue& value) {
  StoredModel model;
  add_tensors(value, "", model);
  return model;
}

}  // namespace golf
