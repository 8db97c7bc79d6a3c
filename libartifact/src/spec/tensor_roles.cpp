#include "golf/artifact/spec/tensor_roles.h"

#include <charconv>

#include "golf/artifact/spec/feature_declaration.h"

namespace golf {
namespace {

/// The part of a declared name that any checkpoint's name of the parameter contains.
std::string_view stem(std::string_view name) {
  constexpr std::string_view kLayer = "blocks.{}.", kWeight = ".weight", kNumber = ".{}";
  if (name.starts_with(kLayer)) name.remove_prefix(kLayer.size());
  if (name.ends_with(kWeight)) name.remove_suffix(kWeight.size());
  if (name.ends_with(kNumber)) name.remove_suffix(kNumber.size());
  return name;
}

/// The declared parameter with the longest stem that the name contains, or null.
const ParameterKind* find_kind(std::string_view name) {
  const ParameterKind* best = nullptr;
  const auto search = [&](std::span<const ParameterKind> kinds) {
    for (const ParameterKind& kind : kinds) {
      const std::string_view part = stem(kind.name);
      if (name.find(part) == std::string_view::npos) continue;
      if (best == nullptr || part.size() > stem(best->name).size()) best = &kind;
    }
  };
  search(transformer_parameters());
  for (const FeatureDeclaration& feature : feature_declarations()) search(feature.parameters);
  return best;
}

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
  const ParameterKind* kind = find_kind(name);
  return kind != nullptr && kind->keep_float;
}

bool is_train_only_name(std::string_view name) { return name.starts_with("mtp_heads."); }

TensorRole role_of(std::string_view name) {
  if (const ParameterKind* kind = find_kind(name)) return kind->role;
  if (name.find(".attn.") != std::string_view::npos) return TensorRole::kAttentionMatrix;
  if (name.find(".mlp.") != std::string_view::npos) return TensorRole::kMlpMatrix;
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
