#include "formats/state_dict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

/// Deeper than any trainer nests them.
constexpr int kMostNesting = 4;
constexpr size_t kMostShown = 8;

/// A state dict inside a file, and the keys that lead to it.
struct NestedDict {
  std::string path;
  TorchValue* dict;
};

/// Whether all keys are strings and all values are tensors.
bool is_state_dict(const TorchValue& value) {
  const auto* dict = std::get_if<TorchValue::Dict>(&value.value);
  return dict != nullptr && std::ranges::all_of(*dict, [](const auto& member) {
           return std::holds_alternative<std::string>(member.first.value) &&
                  std::holds_alternative<Tensor>(member.second.value);
         });
}

/// The dicts one level below those of `level`, under string keys.
std::vector<NestedDict> inner_dicts(const std::vector<NestedDict>& level) {
  std::vector<NestedDict> inner;
  for (const NestedDict& outer : level) {
    for (auto& [key, value] : std::get<TorchValue::Dict>(outer.dict->value)) {
      const auto* name = std::get_if<std::string>(&key.value);
      if (name == nullptr || !std::holds_alternative<TorchValue::Dict>(value.value)) continue;
      inner.push_back({outer.path.empty() ? *name : outer.path + "." + *name, &value});
    }
  }
  return inner;
}

/// The state dicts with tensors that lie least deep below the root.
std::vector<NestedDict> nested_state_dicts(TorchValue& root) {
  std::vector<NestedDict> level = {{"", &root}};
  for (int depth = 0; depth < kMostNesting && !level.empty(); ++depth) {
    level = inner_dicts(level);
    std::vector<NestedDict> found;
    for (const NestedDict& nested : level) {
      const bool empty = std::get<TorchValue::Dict>(nested.dict->value).empty();
      if (!empty && is_state_dict(*nested.dict)) found.push_back(nested);
    }
    if (!found.empty()) return found;
  }
  return {};
}

/// The value at a path of keys, each of which may have dots itself; null when there is none.
TorchValue* value_at(TorchValue& from, std::string_view path) {
  auto* dict = std::get_if<TorchValue::Dict>(&from.value);
  if (dict == nullptr) return nullptr;
  for (auto& [key, value] : *dict) {
    const auto* name = std::get_if<std::string>(&key.value);
    if (name == nullptr || !path.starts_with(*name)) continue;
    if (path.size() == name->size()) return &value;
    if (path[name->size()] != '.') continue;
    if (TorchValue* found = value_at(value, path.substr(name->size() + 1))) return found;
  }
  return nullptr;
}

std::string listed(const std::vector<NestedDict>& dicts) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(dicts.size(), kMostShown); ++i) names.push_back(printable(dicts[i].path));
  if (dicts.size() > kMostShown) names.push_back(fmt::format("{} more", dicts.size() - kMostShown));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Says which member makes the root no state dict.
std::string odd_member(const TorchValue& root) {
  for (const auto& [key, value] : std::get<TorchValue::Dict>(root.value)) {
    const auto* name = std::get_if<std::string>(&key.value);
    if (name == nullptr) return "a key is no name of a tensor";
    if (!std::holds_alternative<Tensor>(value.value)) {
      return fmt::format("\"{}\" is no tensor", printable(*name));
    }
  }
  return "it has no tensors";
}

TorchValue& choose(TorchValue& root, const std::string& what, const std::string& key,
                   std::vector<std::string>& notes) {
  if (key.empty() && is_state_dict(root)) return root;
  const std::vector<NestedDict> found = nested_state_dicts(root);
  if (!key.empty()) {
    TorchValue* value = value_at(root, key);
    if (value != nullptr && is_state_dict(*value)) return *value;
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: --key {}: {}: {}", what, printable(key),
                     value == nullptr ? "the file has no such key" : "this is no state dict",
                     found.empty() ? "there is no nested state dict" : "give one of " + listed(found)));
  }
  if (found.empty()) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not a state dict: {}: save model.state_dict() by itself", what, odd_member(root)));
  }
  if (found.size() > 1) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: holds {} state dicts: choose one with --key: {}", what,
                                              found.size(), listed(found)));
  }
  notes.push_back(fmt::format("its state dict \"{}\" is read", printable(found.front().path)));
  return *found.front().dict;
}

constexpr std::string_view kCompiled = "_orig_mod.";
constexpr std::array<std::string_view, 3> kPrefixes = {"module.", kCompiled, "model."};

/// The prefixes that all names have, one after the other: "module._orig_mod.". No name becomes empty.
std::string common_prefix(const TensorSet& tensors) {
  std::string prefix;
  const auto all_have = [&](std::string_view next) {
    return std::ranges::all_of(tensors, [&](const auto& row) {
      const std::string_view rest = std::string_view(row.name).substr(prefix.size());
      return rest.starts_with(next) && rest.size() > next.size();
    });
  };
  while (!tensors.empty()) {
    const auto* next = std::ranges::find_if(kPrefixes, all_have);
    if (next == kPrefixes.end()) break;
    prefix += *next;
  }
  return prefix;
}

/// The name without "_orig_mod." before any of its parts.
std::string without_compiled(std::string name) {
  for (size_t at = name.find(kCompiled); at != std::string::npos; at = name.find(kCompiled, at)) {
    const bool begins_part = at == 0 || name[at - 1] == '.';
    if (begins_part && name.size() > kCompiled.size()) {
      name.erase(at, kCompiled.size());
    } else {
      at += kCompiled.size();
    }
  }
  return name;
}

}  // namespace

TensorSet find_state_dict(TorchValue root, const std::string& what, const std::string& key,
                          std::vector<std::string>& notes) {
  TensorSet tensors;
  for (auto& [name, value] : std::get<TorchValue::Dict>(choose(root, what, key, notes).value)) {
    tensors.add(std::get<std::string>(name.value), std::get<Tensor>(std::move(value.value)));
  }
  return tensors;
}

TensorSet without_wrappers(TensorSet tensors, std::vector<std::string>& notes) {
  const std::string prefix = common_prefix(tensors);
  size_t compiled = 0;
  TensorSet bare;
  bare.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    const std::string rest = name.substr(prefix.size());
    std::string short_name = without_compiled(rest);
    compiled += short_name.size() < rest.size();
    bare.add(std::move(short_name), std::move(tensor));
  }
  if (!prefix.empty()) {
    notes.push_back(fmt::format("the prefix \"{}\" of all {} names is taken off", prefix, bare.size()));
  }
  if (compiled > 0) {
    notes.push_back(
        fmt::format("\"{}\" inside {} of {} names is taken off", kCompiled, compiled, bare.size()));
  }
  return bare;
}

}  // namespace golf
