#include "golf/artifact/spec/tensor_inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

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
    case TensorRole::kOther:
      return "other";
  }
  return "other";
}

bool is_control_name(std::string_view name) {
  // The plural spellings of upstream's list contain these.
  static constexpr std::array<std::string_view, 5> kPatterns = {"attn_scale", "mlp_scale", "resid_mix",
                                                                "q_gain", "skip_weight"};
  return std::any_of(kPatterns.begin(), kPatterns.end(),
                     [&](std::string_view pattern) { return name.find(pattern) != std::string_view::npos; });
}

TensorRole role_of(std::string_view name) {
  const auto contains = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (is_control_name(name)) return TensorRole::kControl;
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

std::vector<TensorInfo> tensor_inventory(const ModelConfig& config) {
  const int64_t d = config.model_dim;
  const int64_t kv = config.num_kv_heads * config.head_dim();
  std::vector<TensorInfo> rows;
  const auto add = [&](std::string name, Shape shape) {
    const TensorRole role = role_of(name);
    rows.push_back({std::move(name), std::move(shape), role});
  };
  // torch lists a module's own parameters before its children's.
  if (config.unet_skips) add("skip_weights", {config.skip_count(), d});
  add("tok_emb.weight", {config.vocab_size, d});
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const std::string block = fmt::format("blocks.{}.", layer);
    add(block + "attn_scale", {d});
    add(block + "mlp_scale", {d});
    add(block + "resid_mix", {2, d});
    add(block + "attn.q_gain", {config.num_heads});
    add(block + "attn.c_q.weight", {d, d});
    add(block + "attn.c_k.weight", {kv, d});
    add(block + "attn.c_v.weight", {kv, d});
    add(block + "attn.proj.weight", {d, d});
    add(block + "mlp.fc.weight", {config.mlp_hidden, d});
    add(block + "mlp.proj.weight", {d, config.mlp_hidden});
  }
  if (!config.tie_embeddings) add("lm_head.weight", {config.vocab_size, d});
  return rows;
}

std::vector<std::string> tensor_names(const ModelConfig& config) {
  std::vector<std::string> names;
  for (TensorInfo& row : tensor_inventory(config)) names.push_back(std::move(row.name));
  return names;
}

int64_t parameter_count(const ModelConfig& config) {
  int64_t count = 0;
  for (const TensorInfo& row : tensor_inventory(config)) count += element_count(row.shape);
  return count;
}

void check_against_inventory(const TensorSet& tensors, const ModelConfig& config) {
  const std::vector<TensorInfo> inventory = tensor_inventory(config);
  for (const TensorInfo& row : inventory) {
    const Tensor* tensor = tensors.find(row.name);
    if (tensor == nullptr) {
      fail(ErrorCode::kMismatch,
           fmt::format("tensor \"{}\" {} is missing: give the model configuration it was made with", row.name,
                       to_string(row.shape)));
    }
    if (tensor->shape != row.shape) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": shape {} expected, {} found", row.name,
                                             to_string(row.shape), to_string(tensor->shape)));
    }
    if (!is_floating(tensor->dtype)) {
      fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\": a floating dtype expected, {} found", row.name,
                                             torch_name(tensor->dtype)));
    }
  }
  if (tensors.size() == inventory.size()) return;
  for (const auto& [name, tensor] : tensors) {
    const bool known =
        std::any_of(inventory.begin(), inventory.end(), [&](const auto& row) { return row.name == name; });
    if (!known) {
      fail(ErrorCode::kMismatch,
           fmt::format("tensor \"{}\" {} is not part of the configured model: drop it or fix the "
                       "configuration",
                       printable(name), to_string(tensor.shape)));
    }
  }
}

void check_finite(const TensorSet& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (!all_finite(tensor)) {
      fail(ErrorCode::kCorruptData,
           fmt::format("tensor \"{}\" has values that are not finite", printable(name)));
    }
  }
}

}  // namespace golf
