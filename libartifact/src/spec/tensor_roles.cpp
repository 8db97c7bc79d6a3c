#include "golf/artifact/spec/tensor_roles.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace golf {
namespace {

template <size_t N>
bool contains_any(std::string_view name, const std::array<std::string_view, N>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return name.find(pattern) != std::string_view::npos; });
}

constexpr std::array<std::string_view, 8> kGates = {"smear",           "bigram.scale",    "bigram_lambdas",
                                                    "ve_shared.scale", "ve_layer_scales", "markov_temp",
                                                    "markov2_mix",     "mix_proj"};

}  // namespace

std::string_view role_name(TensorRole role) {
  switch (role) {
    case TensorRole::kEmbedding:
      return "embeddings";
    case TensorRole::kHead:
      return "head";
    case TensorRole::kAttentionMatrix:
      return "attention";
    case TensorRole::kMlpMatrix:
      return "mlp";
    case TensorRole::kTable:
      return "tables";
    case TensorRole::kControl:
      return "control";
    case TensorRole::kGate:
      return "gates";
    case TensorRole::kOther:
      return "other";
  }
  return "other";
}

bool is_control_name(std::string_view name) {
  // The plural spellings of upstream's list contain these.
  static constexpr std::array<std::string_view, 5> kPatterns = {"attn_scale", "mlp_scale", "resid_mix",
                                                                "q_gain", "skip_weight"};
  return contains_any(name, kPatterns);
}

bool is_train_only_name(std::string_view name) { return name.starts_with("mtp_heads."); }

TensorRole role_of(std::string_view name) {
  const auto contains = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (is_control_name(name)) return TensorRole::kControl;
  if (contains_any(name, kGates)) return TensorRole::kGate;
  if (contains("tok_emb")) return TensorRole::kEmbedding;
  if (contains("lm_head")) return TensorRole::kHead;
  if (contains(".attn.")) return TensorRole::kAttentionMatrix;
  if (contains(".mlp.")) return TensorRole::kMlpMatrix;
  if (contains("bigram") || contains("markov") || contains("ve_shared")) return TensorRole::kTable;
  return TensorRole::kOther;
}

int64_t layer_of(std::string_view name) {
  constexpr std::string_view kPrefix = "blocks.";
  const size_t start = name.find(kPrefix);
  if (start == std::string_view::npos) return -1;
  const char* first = name.data() + start + kPrefix.size();
  int64_t layer = -1;
  const auto [end, error] = std::from_chars(first, name.data() + name.size(), layer);
  return error == std::errc{} && end != first ? layer : -1;
}

}  // namespace golf
