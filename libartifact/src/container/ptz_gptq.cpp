// The dictionaries of PR 1394 and its descendants, {w: tensors, m: {name: tag}} (read by ptz_wm.cpp):
//   tag "gptq (int6)"            NAME.q int8 [rows, columns], NAME.scale float16 [rows]
//       … "+awqgrpint8"          then NAME.awqg_start int16 [groups], NAME.awqg_s_hi float16 [rows],
//                                NAME.awqg_size int16 []
//       … "+lqer_asym"           at the end of w, largest error first: NAME.lqA_a, .lqAs_a, .lqB_a, .lqBs_a
//       … "+lqer"                likewise NAME.lqA, .lqAs, .lqB, .lqBs
//   tag "gate_int8_row"          NAME.gq int8, NAME.gs float16
//   tag "passthrough (float16)"  the tensor under its own name
// Source: docs/SUBMISSIONS.md, PR 1394, PR 1855 and PR 2135, Artifact.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::string_view kGateSuffix = ".attn_gate_w";

bool is_gate(const StoredTensor& stored) {
  return stored.bits == 8 && stored.name.ends_with(kGateSuffix) && !stored.fine_columns && !stored.low_rank;
}

std::string tag_of(const StoredTensor& stored) {
  if (stored.encoding == Encoding::kPassthrough) {
    return stored.values.dtype == DType::kF16 ? "passthrough (float16)" : "passthrough";
  }
  if (is_gate(stored)) return "gate_int8_row";
  std::string tag = fmt::format("gptq (int{})", stored.bits);
  if (stored.fine_columns) tag += "+awqgrpint8";
  if (stored.low_rank)
    tag += stored.low_rank->scales == LowRank::Scales::kAsymmetric ? "+lqer_asym" : "+lqer";
  return tag;
}

void put_fine_columns(Dict& weights, const std::string& name, const FineColumns& fine) {
  std::vector<int16_t> starts(fine.starts.size());
  std::transform(fine.starts.begin(), fine.starts.end(), starts.begin(),
                 [](int64_t start) { return static_cast<int16_t>(start); });
  const auto size = static_cast<int16_t>(fine.size);
  put(weights, name + ".awqg_start",
      {.value = make_tensor<int16_t>(DType::kI16, {static_cast<int64_t>(starts.size())}, starts)});
  put(weights, name + ".awqg_s_hi", {.value = fine.scales});
  put(weights, name + ".awqg_size", {.value = make_tensor<int16_t>(DType::kI16, {}, {&size, 1})});
}

void put_low_rank(Dict& weights, const std::string& name, const LowRank& correction) {
  const std::string end = correction.scales == LowRank::Scales::kAsymmetric ? "_a" : "";
  put(weights, name + ".lqA" + end, {.value = correction.a});
  put(weights, name + ".lqAs" + end, {.value = correction.a_scales});
  put(weights, name + ".lqB" + end, {.value = correction.b});
  put(weights, name + ".lqBs" + end, {.value = correction.b_scales});
}

void check_writable(const StoredTensor& stored) {
  if (stored.encoding == Encoding::kPassthrough) return;
  if (stored.encoding == Encoding::kIntPerRow && stored.scales.dtype == DType::kF16) return;
  fail(ErrorCode::kUnsupported,
       fmt::format("ptz layout gptq holds integers with a float16 scale a row, not {} (tensor \"{}\"): use "
                   "--format golf",
                   stored.scheme(), printable(stored.name)));
}

}  // namespace

bool recognizes_gptq(const TorchValue& root) {
  const TorchValue* weights = root.find("w");
  const TorchValue* tags = root.find("m");
  if (weights == nullptr || tags == nullptr || !std::holds_alternative<Dict>(weights->value)) return false;
  const auto* dict = std::get_if<Dict>(&tags->value);
  return dict != nullptr && std::any_of(dict->begin(), dict->end(), [](const auto& member) {
           const auto* tag = std::get_if<std::string>(&member.second.value);
           return tag != nullptr && tag->starts_with("gptq (");
         });
}

TorchValue write_gptq(const StoredModel& model) {
  Dict weights;
  Dict tags;
  std::vector<const StoredTensor*> corrected;
  for (const StoredTensor& stored : model.tensors) {
    check_writable(stored);
    put(tags, stored.name, torch_text(tag_of(stored)));
    if (stored.encoding == Encoding::kPassthrough) {
      put(weights, stored.name, {.value = stored.values});
      continue;
    }
    const bool gate = is_gate(stored);
    put(weights, stored.name + (gate ? ".gq" : ".q"), {.value = stored.values});
    put(weights, stored.name + (gate ? ".gs" : ".scale"), {.value = stored.scales});
    if (stored.fine_columns) put_fine_columns(weights, stored.name, *stored.fine_columns);
    if (stored.low_rank) corrected.push_back(&stored);
  }
  std::stable_sort(corrected.begin(), corrected.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return a->low_rank->place < b->low_rank->place;
  });
  for (const StoredTensor* stored : corrected) put_low_rank(weights, stored->name, *stored->low_rank);
  Dict root;
  put(root, "w", {.value = std::move(weights)});
  put(root, "m", {.value = std::move(tags)});
  return {.value = std::move(root)};
}

}  // namespace golf
