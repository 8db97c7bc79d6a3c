// The upstream reference's dictionary (reference spec §5.1), keys in this order:
//   __quant_format__         "int8_clean_per_row_v1"
//   quantized                {name: int8 tensor}
//   scales                   {name: float16 [rows], or float32 0-dim}
//   dtypes                   {name: original dtype of a quantised tensor}
//   passthrough              {name: tensor kept as a float, or as it was}
//   qmeta                    {name: {"scheme": "per_row", "axis": 0}}, matrices only; absent when empty
//   passthrough_orig_dtypes  {name: original dtype, where it differs}; absent when empty
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "container/ptz_layout.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::string_view kFormatKey = "__quant_format__";
constexpr std::string_view kFormat = "int8_clean_per_row_v1";
constexpr std::array<std::string_view, 7> kKeys = {
    kFormatKey, "quantized", "scales", "dtypes", "passthrough", "qmeta", "passthrough_orig_dtypes"};

TorchValue text(std::string_view value) { return {.value = std::string(value)}; }
void put(Dict& dict, std::string_view key, TorchValue value) {
  dict.emplace_back(text(key), std::move(value));
}

[[noreturn]] void fail_layout(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what, problem));
}

/// Typed access to the members of a dictionary, naming the place.
class DictReader {
 public:
  DictReader(const TorchValue& value, std::string place) : place_(std::move(place)) {
    dict_ = std::get_if<Dict>(&value.value);
    if (dict_ == nullptr) fail_layout(place_, "a dictionary expected");
    for (const auto& [key, member] : *dict_) {
      const auto* name = std::get_if<std::string>(&key.value);
      if (name == nullptr) fail_layout(place_, "a key is not a string");
      if (!index_.emplace(*name, &member).second) {
        fail_layout(place_, fmt::format("key \"{}\" appears twice", printable(*name)));
      }
    }
  }

  const TorchValue* find(const std::string& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : found->second;
  }
  const TorchValue& at(const std::string& key) const {
    if (const TorchValue* value = find(key)) return *value;
    fail_layout(place_, fmt::format("\"{}\" is missing", printable(key)));
  }
  template <class T>
  const T& get(const std::string& key, std::string_view kind) const {
    if (const T* value = std::get_if<T>(&at(key).value)) return *value;
    fail_layout(place_, fmt::format("\"{}\" is not a {}", printable(key), kind));
  }
  const Tensor& tensor(const std::string& key) const { return get<Tensor>(key, "tensor"); }
  DType dtype(const std::string& key) const {
    const auto& name = get<std::string>(key, "dtype name");
    if (const auto dtype = dtype_from_torch(name)) return *dtype;
    fail_layout(place_, fmt::format("\"{}\": dtype \"{}\" is not known", printable(key), printable(name)));
  }
  /// The names, in the dictionary's order.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [key, member] : *dict_) names.push_back(std::get<std::string>(key.value));
    return names;
  }
  size_t size() const { return dict_->size(); }

 private:
  std::string place_;
  const Dict* dict_ = nullptr;
  std::unordered_map<std::string, const TorchValue*> index_;
};

DictReader optional_dict(const DictReader& root, const std::string& key, const std::string& what) {
  static const TorchValue kEmpty{.value = Dict{}};
  const TorchValue* value = root.find(key);
  return {value != nullptr ? *value : kEmpty, what + ": " + key};
}

/// Every name of `part` must belong to a tensor of `whole`.
void check_subset(const DictReader& part, const DictReader& whole, const std::string& what) {
  for (const std::string& name : part.names()) {
    if (whole.find(name) == nullptr) {
      fail_layout(what, fmt::format("names tensor \"{}\", which is not there", printable(name)));
    }
  }
}

}  // namespace

bool recognizes_int8_clean(const TorchValue& root) {
  const TorchValue* format = root.find(kFormatKey);
  return format != nullptr && std::holds_alternative<std::string>(format->value);
}

StoredModel read_int8_clean(const TorchValue& value, const std::string& what) {
  const DictReader root(value, what);
  const auto& format = root.get<std::string>(std::string(kFormatKey), "string");
  if (format != kFormat) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: format \"{}\" found, \"{}\" is the one known", what, printable(format), kFormat));
  }
  for (const std::string& key : root.names()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: key \"{}\" is not known", what, printable(key)));
    }
  }
  const DictReader quantized(root.at("quantized"), what + ": quantized");
  const DictReader scales(root.at("scales"), what + ": scales");
  const DictReader dtypes(root.at("dtypes"), what + ": dtypes");
  const DictReader passthrough(root.at("passthrough"), what + ": passthrough");
  const DictReader qmeta = optional_dict(root, "qmeta", what);
  const DictReader original_dtypes = optional_dict(root, "passthrough_orig_dtypes", what);
  check_subset(scales, quantized, what + ": scales");
  check_subset(dtypes, quantized, what + ": dtypes");
  check_subset(qmeta, quantized, what + ": qmeta");
  check_subset(original_dtypes, passthrough, what + ": passthrough_orig_dtypes");

  StoredModel model;
  for (const std::string& name : quantized.names()) {
    StoredTensor stored{.name = name, .bits = 8};
    stored.values = quantized.tensor(name);
    stored.scales = scales.tensor(name);
    stored.original_dtype = dtypes.dtype(name);
    stored.storage = stored.scales.rank() > 0 ? Storage::kIntPerRow : Storage::kIntPerTensor;
    model.tensors.push_back(std::move(stored));
  }
  for (const std::string& name : passthrough.names()) {
    if (quantized.find(name) != nullptr) {
      fail_layout(what, fmt::format("tensor \"{}\" is both quantised and passed through", printable(name)));
    }
    StoredTensor stored{.name = name};
    stored.values = passthrough.tensor(name);
    const bool has_original = original_dtypes.find(name) != nullptr;
    stored.original_dtype = has_original ? original_dtypes.dtype(name) : stored.values.dtype;
    model.tensors.push_back(std::move(stored));
  }
  return model;
}

TorchValue write_int8_clean(const StoredModel& model) {
  Dict quantized;
  Dict scales;
  Dict dtypes;
  Dict passthrough;
  Dict qmeta;
  Dict original_dtypes;
  for (const StoredTensor& stored : model.tensors) {
    if (stored.storage == Storage::kKept) {
      put(passthrough, stored.name, {.value = stored.values});
      if (stored.original_dtype != stored.values.dtype) {
        put(original_dtypes, stored.name, text(torch_name(stored.original_dtype)));
      }
      continue;
    }
    if (stored.bits != 8) {
      fail(ErrorCode::kUnsupported,
           fmt::format("ptz layout int8_clean cannot hold {} (tensor \"{}\"): use int8 or --format golf",
                       stored.scheme(), printable(stored.name)));
    }
    put(quantized, stored.name, {.value = stored.values});
    put(scales, stored.name, {.value = stored.scales});
    put(dtypes, stored.name, text(torch_name(stored.original_dtype)));
    if (stored.storage == Storage::kIntPerRow) {
      Dict meta;
      put(meta, "scheme", text("per_row"));
      put(meta, "axis", {.value = int64_t{0}});
      put(qmeta, stored.name, {.value = std::move(meta)});
    }
  }
  Dict root;
  put(root, kFormatKey, text(kFormat));
  put(root, "quantized", {.value = std::move(quantized)});
  put(root, "scales", {.value = std::move(scales)});
  put(root, "dtypes", {.value = std::move(dtypes)});
  put(root, "passthrough", {.value = std::move(passthrough)});
  if (!qmeta.empty()) put(root, "qmeta", {.value = std::move(qmeta)});
  if (!original_dtypes.empty()) put(root, "passthrough_orig_dtypes", {.value = std::move(original_dtypes)});
  return {.value = std::move(root)};
}

}  // namespace golf
