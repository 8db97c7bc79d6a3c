#include "container/ptz_listing.h"

namespace golf {
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
