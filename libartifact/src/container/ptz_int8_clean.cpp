// The upstream reference's dictionary (docs/SUBMISSIONS.md, Artifact), keys in this order:
//   __quant_format__         "int8_clean_per_row_v1"
//   clip_range               only PR 88: 31 or 127, what no |q| may pass
//   quantized                {name: int8 tensor}
//   scales                   {name: float16 [rows], or float32 0-dim}
//   dtypes                   {name: original dtype of a quantized tensor}
//   passthrough              {name: float tensor, or one as it was}
//   qmeta                    {name: {"scheme": "per_row", "axis": 0}}, matrices only; absent when empty
//   passthrough_orig_dtypes  {name: original dtype, where it differs}; absent when empty
// PR 192 writes the same with int6 and a format name of its own (docs/SUBMISSIONS.md, PR 192).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::string_view kFormatKey = "__quant_format__";
constexpr std::string_view kClipKey = "clip_range";
constexpr std::string_view kInt8Format = "int8_clean_per_row_v1";
constexpr std::string_view kInt6Format = "int6_in_int8_per_row_v1";
constexpr std::array<std::string_view, 8> kKeys = {
    kFormatKey, kClipKey, "quantized", "scales", "dtypes", "passthrough", "qmeta", "passthrough_orig_dtypes"};

bool has_format(const TorchValue& root, std::string_view format) {
  const TorchValue* found = root.find(kFormatKey);
  const auto* text = found == nullptr ? nullptr : std::get_if<std::string>(&found->value);
  return text != nullptr && *text == format;
}

/// Every name of `part` must belong to a tensor of `whole`.
void check_subset(const DictReader& part, const DictReader& whole, const std::string& what) {
  for (const std::string& name : part.names()) {
    if (whole.find(name) == nullptr) {
      fail_layout(what, fmt::format("names tensor \"{}\", which is not there", printable(name)));
    }
  }
}

/// What the dictionary says of the integers' width.
struct Width {
  int bits = 8;
  int64_t clip_range = 128;
};

Width read_width(const DictReader& root, const std::string& what) {
  const std::string& format = root.text(std::string(kFormatKey));
  if (format == kInt6Format) return {.bits = 6, .clip_range = 32};
  if (format != kInt8Format) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: format \"{}\" found, \"{}\" and \"{}\" are known", what,
                                              printable(format), kInt8Format, kInt6Format));
  }
  if (root.find(std::string(kClipKey)) == nullptr) return {};
  const int64_t range = root.integer(std::string(kClipKey));
  if (range < 1 || range > 127) {
    fail_layout(what, fmt::format("clip_range {} found, 1 to 127 expected", range));
  }
  const int bits = std::bit_width(static_cast<uint64_t>(range)) + 1;
  return {.bits = std::max(bits, 4), .clip_range = range};
}

void check_clip(const StoredTensor& stored, int64_t clip_range, const std::string& what) {
  if (stored.values.dtype != DType::kI8) return;  // check_form() says so
  for (const int8_t q : stored.values.values<int8_t>()) {
    if (std::abs(int{q}) > clip_range) {
      fail_layout(what, fmt::format("tensor \"{}\": value {} found, clip_range {} allows no larger ones",
                                    printable(stored.name), q, clip_range));
    }
  }
}

}  // namespace

bool recognizes_int8_clean(const TorchValue& root) {
  const TorchValue* format = root.find(kFormatKey);
  return format != nullptr && std::holds_alternative<std::string>(format->value);
}
bool recognizes_int8_clean_clip(const TorchValue& root) {
  return has_format(root, kInt8Format) && root.find(kClipKey) != nullptr;
}
bool recognizes_int6_clean(const TorchValue& root) { return has_format(root, kInt6Format); }

StoredModel read_int8_clean(const TorchValue& value, const std::string& what) {
  const DictReader root(value, what);
  const Width width = read_width(root, what);
  for (const std::string& key : root.names()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: key \"{}\" is not known", what, printable(key)));
    }
  }
  const DictReader quantized(root.at("quantized"), what + ": quantized");
  const DictReader scales(root.at("scales"), what + ": scales");
  const DictReader dtypes(root.at("dtypes"), what + ": dtypes");
  const DictReader passthrough(root.at("passthrough"), what + ": passthrough");
  const DictReader qmeta = root.optional_dict("qmeta");
  const DictReader original_dtypes = root.optional_dict("passthrough_orig_dtypes");
  check_subset(scales, quantized, what + ": scales");
  check_subset(dtypes, quantized, what + ": dtypes");
  check_subset(qmeta, quantized, what + ": qmeta");
  check_subset(original_dtypes, passthrough, what + ": passthrough_orig_dtypes");

  StoredModel model;
  for (const std::string& name : quantized.names()) {
    StoredTensor stored{.name = name, .bits = width.bits};
    stored.values = quantized.tensor(name);
    stored.scales = scales.tensor(name);
    stored.original_dtype = dtypes.dtype(name);
    stored.encoding = stored.scales.rank() > 0 ? Encoding::kIntPerRow : Encoding::kIntPerTensor;
    check_clip(stored, width.clip_range, what);
    model.tensors.push_back(std::move(stored));
  }
  for (const std::string& name : passthrough.names()) {
    if (quantized.find(name) != nullptr) {
      fail_layout(what, fmt::format("tensor \"{}\" is both quantized and passed through", printable(name)));
    }
    StoredTensor stored{.name = name};
    stored.values = passthrough.tensor(name);
    const bool has_original = original_dtypes.find(name) != nullptr;
    stored.original_dtype = has_original ? original_dtypes.dtype(name) : stored.values.dtype;
    model.tensors.push_back(std::move(stored));
  }
  return model;
}

namespace {

/// One dictionary of the family. `clip_range` 0: the key is left out.
struct Variant {
  std::string_view layout, format;
  int bits;
  int64_t clip_range;
};

TorchValue write_variant(const StoredModel& model, const Variant& variant) {
  Dict quantized;
  Dict scales;
  Dict dtypes;
  Dict passthrough;
  Dict qmeta;
  Dict original_dtypes;
  for (const StoredTensor& stored : model.tensors) {
    if (stored.encoding == Encoding::kPassthrough) {
      put(passthrough, stored.name, {.value = stored.values});
      if (stored.original_dtype != stored.values.dtype) {
        put(original_dtypes, stored.name, torch_text(torch_name(stored.original_dtype)));
      }
      continue;
    }
    if (stored.bits != variant.bits) {
      fail(ErrorCode::kUnsupported,
           fmt::format("ptz layout {} cannot hold {} (tensor \"{}\"): use int{} or --format golf",
                       variant.layout, stored.scheme(), printable(stored.name), variant.bits));
    }
    if (variant.clip_range != 0) check_clip(stored, variant.clip_range, "ptz layout int8_clean_clip");
    put(quantized, stored.name, {.value = stored.values});
    put(scales, stored.name, {.value = stored.scales});
    put(dtypes, stored.name, torch_text(torch_name(stored.original_dtype)));
    if (stored.encoding == Encoding::kIntPerRow) {
      Dict meta;
      put(meta, "scheme", torch_text("per_row"));
      put(meta, "axis", {.value = int64_t{0}});
      put(qmeta, stored.name, {.value = std::move(meta)});
    }
  }
  Dict root;
  put(root, kFormatKey, torch_text(variant.format));
  if (variant.clip_range != 0) put(root, kClipKey, {.value = variant.clip_range});
  put(root, "quantized", {.value = std::move(quantized)});
  put(root, "scales", {.value = std::move(scales)});
  put(root, "dtypes", {.value = std::move(dtypes)});
  put(root, "passthrough", {.value = std::move(passthrough)});
  if (!qmeta.empty()) put(root, "qmeta", {.value = std::move(qmeta)});
  if (!original_dtypes.empty()) put(root, "passthrough_orig_dtypes", {.value = std::move(original_dtypes)});
  return {.value = std::move(root)};
}

}  // namespace

TorchValue write_int8_clean(const StoredModel& model) {
  return write_variant(model, {"int8_clean", kInt8Format, 8, 0});
}

TorchValue write_int8_clean_clip(const StoredModel& model) {
  // 88 exports either all int6 or all int8; its loader refuses a mixture.
  const auto is_int8 = [](const StoredTensor& stored) { return stored.bits == 8; };
  const bool all_int8 = std::any_of(model.tensors.begin(), model.tensors.end(), is_int8) &&
                        std::none_of(model.tensors.begin(), model.tensors.end(),
                                     [](const StoredTensor& stored) { return stored.bits == 6; });
  return write_variant(model, {"int8_clean_clip", kInt8Format, all_int8 ? 8 : 6, all_int8 ? 127 : 31});
}

TorchValue write_int6_clean(const StoredModel& model) {
  return write_variant(model, {"int6_clean", kInt6Format, 6, 0});
}

}  // namespace golf
