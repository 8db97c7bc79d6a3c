// The "w/m" dictionaries: `w` holds the tensors, `m` says what each is (docs/SUBMISSIONS.md, PR 262,
// PR 993 and PR 1046, Artifact). In state-dict order:
//   w  {name: passthrough tensor}, or {NAME.q: int8, NAME.scale: scales}; PR 1046 calls the scales NAME.s
//   m  {name: kind}, a kind being
//        {"type": "int6"}              integers of so many bits (262, 993)
//        "int6", "gptq (int6)"         likewise (1046; 1394 and its descendants)
//        "gate_int8_row"               int8 rows under NAME.gq, NAME.gs (1855)
//        "passthrough", "passthrough_ctrl", "passthrough_fp16", "passthrough (float16)"    as they are
//   pt_dtypes  only 1046: {name: original dtype of such a tensor, where it differs}; absent when empty
// The original dtypes are the loading model's: float32 is assumed for integers, and for float16 tensors of
// layout wm_scale, which does not tell those that were float16 from those that became it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::array<std::string_view, 4> kPassthroughKinds = {"passthrough", "passthrough_ctrl",
                                                               "passthrough_fp16", "passthrough (float16)"};

/// PR 1855's gates: int8 rows under keys of their own, NAME.gq and NAME.gs.
constexpr std::string_view kGateKind = "gate_int8_row";

const Dict* dict_at(const TorchValue& root, std::string_view key) {
  const TorchValue* value = root.find(key);
  return value == nullptr ? nullptr : std::get_if<Dict>(&value->value);
}

bool is_wm(const TorchValue& root) { return dict_at(root, "w") != nullptr && dict_at(root, "m") != nullptr; }

/// Bits of the integers, 0 for a passthrough tensor; nothing for a kind that is not known.
std::optional<int> bits_of_kind(std::string_view kind) {
  if (std::find(kPassthroughKinds.begin(), kPassthroughKinds.end(), kind) != kPassthroughKinds.end())
    return 0;
  if (kind == kGateKind) return 8;
  for (int bits = 4; bits <= 8; ++bits) {
    if (kind == fmt::format("int{}", bits) || kind == fmt::format("gptq (int{})", bits)) return bits;
  }
  return std::nullopt;
}

/// A member of `m` as text: a string, or the "type" of a dictionary that says nothing else.
std::string kind_text(const DictReader& kinds, const std::string& name, const std::string& what) {
  const TorchValue& value = kinds.at(name);
  if (!std::holds_alternative<Dict>(value.value)) return kinds.text(name);
  const DictReader type(value, fmt::format("{}: m: \"{}\"", what, printable(name)));
  if (type.size() == 1) return type.text("type");
  std::string keys;
  for (const std::string& key : type.names()) keys += (keys.empty() ? "" : ", ") + printable(key);
  fail(ErrorCode::kUnsupported, fmt::format("{}: tensor \"{}\": a kind with only \"type\" expected, {} found",
                                            what, printable(name), keys.empty() ? "nothing" : keys));
}

/// What a kind adds to integers with scales after a plus sign.
struct Additions {
  bool fine_columns = false;                     ///< "awqgrpint8"
  std::optional<LowRank::Scales> low_rank = {};  ///< "lqer_asym", "lqer"
};

/// Takes the additions off a kind of GPTQ integers; other kinds stay as they are.
Additions take_additions(std::string& kind) {
  Additions additions;
  if (!kind.starts_with("gptq (")) return additions;
  const auto take = [&](std::string_view suffix) {
    if (!kind.ends_with(suffix)) return false;
    kind.resize(kind.size() - suffix.size());
    return true;
  };
  if (take("+lqer_asym")) additions.low_rank = LowRank::Scales::kAsymmetric;
  if (!additions.low_rank && take("+lqer")) additions.low_rank = LowRank::Scales::kSymmetric;
  additions.fine_columns = take("+awqgrpint8");
  return additions;
}

int read_bits(std::string kind, const std::string& name, const std::string& what) {
  const std::string whole = kind;
  take_additions(kind);
  if (const auto bits = bits_of_kind(kind)) return *bits;
  fail(
      ErrorCode::kUnsupported,
      fmt::format(
          "{}: tensor \"{}\": kind \"{}\" found; int4 to int8, gptq (int4) to gptq (int8), with +awqgrpint8, "
          "+lqer_asym or +lqer, {} are known",
          what, printable(name), printable(whole), fmt::join(kPassthroughKinds, ", ")));
}

/// Takes members out of `w`, remembering which.
class WeightsReader {
 public:
  WeightsReader(const TorchValue& value, const std::string& what) : what_(what), dict_(value, what + ": w") {}

  const Tensor& take(const std::string& key) {
    const Tensor& tensor = dict_.tensor(key);
    if (taken_.insert(key).second) return tensor;
    fail_layout(what_, fmt::format("tensor \"{}\" has two uses in m", printable(key)));
  }
  const Tensor& take_scales(const std::string& name) {
    for (const char* suffix : {".scale", ".s"}) {
      if (dict_.find(name + suffix) != nullptr) return take(name + suffix);
    }
    fail_layout(what_, fmt::format("tensor \"{}\": \"{}.scale\" or \"{}.s\" expected, neither found",
                                   printable(name), printable(name), printable(name)));
  }
  /// The place of a key among those of `w`.
  size_t place_of(const std::string& key) const {
    const std::vector<std::string> keys = dict_.names();
    return static_cast<size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
  }
  void expect_all_taken() const {
    for (const std::string& key : dict_.names()) {
      if (!taken_.contains(key)) {
        fail_layout(what_, fmt::format("tensor \"{}\" in w, but nothing in m uses it", printable(key)));
      }
    }
  }

 private:
  std::string what_;
  DictReader dict_;
  std::unordered_set<std::string> taken_;
};

FineColumns read_fine_columns(WeightsReader& weights, const std::string& name, const std::string& what) {
  const Tensor& starts = weights.take(name + ".awqg_start");
  const Tensor& size = weights.take(name + ".awqg_size");
  if (starts.dtype != DType::kI16 || starts.rank() != 1 || size.dtype != DType::kI16 || size.rank() != 0) {
    fail_layout(what, fmt::format("tensor \"{}\": awqg_start and awqg_size are not int16", printable(name)));
  }
  FineColumns fine{.size = size.values<int16_t>()[0], .scales = weights.take(name + ".awqg_s_hi")};
  fine.starts.assign(starts.values<int16_t>().begin(), starts.values<int16_t>().end());
  return fine;
}

LowRank read_low_rank(WeightsReader& weights, const std::string& name, LowRank::Scales scales) {
  const std::string end = scales == LowRank::Scales::kAsymmetric ? "_a" : "";
  return {.scales = scales,
          .place = weights.place_of(name + ".lqA" + end),
          .a = weights.take(name + ".lqA" + end),
          .a_scales = weights.take(name + ".lqAs" + end),
          .b = weights.take(name + ".lqB" + end),
          .b_scales = weights.take(name + ".lqBs" + end)};
}

StoredModel read_wm(const TorchValue& value, const std::string& what, bool half_was_full) {
  const DictReader root(value, what);
  for (const std::string& key : root.names()) {
    if (key != "w" && key != "m" && key != "pt_dtypes") {
      fail(ErrorCode::kUnsupported, fmt::format("{}: key \"{}\" is not known", what, printable(key)));
    }
  }
  WeightsReader weights(root.at("w"), what);
  const DictReader kinds(root.at("m"), what + ": m");
  const DictReader original_dtypes = root.optional_dict("pt_dtypes");
  StoredModel model;
  for (const std::string& name : kinds.names()) {
    std::string kind = kind_text(kinds, name, what);
    StoredTensor stored{.name = name, .bits = read_bits(kind, name, what)};
    if (stored.bits == 0) {
      stored.values = weights.take(name);
      const bool assume_full = half_was_full && stored.values.dtype == DType::kF16;
      stored.original_dtype = assume_full ? DType::kF32 : stored.values.dtype;
      if (original_dtypes.find(name) != nullptr) stored.original_dtype = original_dtypes.dtype(name);
    } else {
      const bool gate = kind == kGateKind;
      stored.values = weights.take(name + (gate ? ".gq" : ".q"));
      stored.scales = gate ? weights.take(name + ".gs") : weights.take_scales(name);
      stored.encoding = stored.scales.rank() > 0 ? Encoding::kIntPerRow : Encoding::kIntPerTensor;
      const Additions additions = take_additions(kind);
      if (additions.fine_columns) stored.fine_columns = read_fine_columns(weights, name, what);
      if (additions.low_rank) stored.low_rank = read_low_rank(weights, name, *additions.low_rank);
    }
    model.tensors.push_back(std::move(stored));
  }
  weights.expect_all_taken();
  for (const std::string& name : original_dtypes.names()) {
    if (kinds.find(name) == nullptr) {
      fail_layout(what, fmt::format("pt_dtypes names tensor \"{}\", which is not there", printable(name)));
    }
  }
  return model;
}

void check_writable(const StoredTensor& stored, std::string_view layout) {
  const bool plain = !stored.fine_columns && !stored.low_rank;
  if (stored.encoding == Encoding::kPassthrough || (plain && (stored.bits == 6 || stored.bits == 8))) return;
  fail(ErrorCode::kUnsupported,
       fmt::format("ptz layout {} cannot hold {} (tensor \"{}\"): use int6, int8 or --format golf", layout,
                   stored.scheme(), printable(stored.name)));
}

void put_weights(Dict& weights, const StoredTensor& stored, std::string_view scales_suffix) {
  if (stored.encoding == Encoding::kPassthrough) {
    put(weights, stored.name, {.value = stored.values});
    return;
  }
  put(weights, stored.name + ".q", {.value = stored.values});
  put(weights, stored.name + std::string(scales_suffix), {.value = stored.scales});
}

}  // namespace

bool recognizes_wm_scale(const TorchValue& root) { return is_wm(root) && !recognizes_wm_s(root); }

bool recognizes_wm_s(const TorchValue& root) {
  if (!is_wm(root)) return false;
  if (dict_at(root, "pt_dtypes") != nullptr) return true;
  for (const auto& [name, kind] : *dict_at(root, "m")) {
    const auto* text = std::get_if<std::string>(&kind.value);
    if (text != nullptr && *text == "passthrough_fp16") return true;
  }
  const Dict& weights = *dict_at(root, "w");
  return std::any_of(weights.begin(), weights.end(), [](const auto& member) {
    const auto* key = std::get_if<std::string>(&member.first.value);
    return key != nullptr && key->ends_with(".s");
  });
}

StoredModel read_wm_scale(const TorchValue& root, const std::string& what) {
  return read_wm(root, what, true);
}
StoredModel read_wm_s(const TorchValue& root, const std::string& what) { return read_wm(root, what, false); }

TorchValue write_wm_scale(const StoredModel& model) {
  Dict weights;
  Dict kinds;
  for (const StoredTensor& stored : model.tensors) {
    check_writable(stored, "wm_scale");
    put_weights(weights, stored, ".scale");
    if (stored.encoding == Encoding::kPassthrough) {
      const bool full = stored.values.dtype == DType::kF32;
      put(kinds, stored.name, torch_text(full ? "passthrough_ctrl" : "passthrough"));
    } else {
      Dict type;
      put(type, "type", torch_text(stored.scheme()));
      put(kinds, stored.name, {.value = std::move(type)});
    }
  }
  Dict root;
  put(root, "w", {.value = std::move(weights)});
  put(root, "m", {.value = std::move(kinds)});
  return {.value = std::move(root)};
}

TorchValue write_wm_s(const StoredModel& model) {
  Dict weights;
  Dict kinds;
  Dict original_dtypes;
  for (const StoredTensor& stored : model.tensors) {
    check_writable(stored, "wm_s");
    put_weights(weights, stored, ".s");
    const bool passthrough = stored.encoding == Encoding::kPassthrough;
    const bool floating = is_floating(stored.values.dtype);
    put(kinds, stored.name,
        torch_text(!passthrough ? stored.scheme()
                   : floating   ? "passthrough_fp16"
                                : "passthrough"));
    if (passthrough && stored.original_dtype != stored.values.dtype) {
      put(original_dtypes, stored.name, torch_text(torch_name(stored.original_dtype)));
    }
  }
  Dict root;
  put(root, "w", {.value = std::move(weights)});
  put(root, "m", {.value = std::move(kinds)});
  if (!original_dtypes.empty()) put(root, "pt_dtypes", {.value = std::move(original_dtypes)});
  return {.value = std::move(root)};
}

}  // namespace golf
