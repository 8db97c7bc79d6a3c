#include "golf/artifact/spec/tensor_inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

namespace {

/// Lists parameters as torch does: a module's own before its children's, children in construction order.
class InventoryBuilder {
 public:
  explicit InventoryBuilder(const ModelConfig& config) : config_(config) {}

  std::vector<TensorInfo> build() {
    const auto& markov = config_.markov_mix;
    if (!markov) {
      add_trunk();
      return std::move(rows_);
    }
    // PR 1046 wraps the transformer, as "gpt", in a module of its own.
    const int64_t vocab = config_.vocab_size;
    add("markov_temp", {});
    if (markov->pairs) add("markov2_mix", {});
    prefix_ = "gpt.";
    add_trunk();
    prefix_.clear();
    add("markov.transition_logits", {vocab, vocab});
    add("mix_proj.weight", {1, config_.model_dim});
    add("mix_proj.bias", {1});
    if (markov->pairs) add("markov2.transition_logits", {markov->pairs->buckets, vocab});
    return std::move(rows_);
  }

 private:
  void add(std::string_view name, Shape shape) {
    std::string full = prefix_ + std::string(name);
    const TensorRole role = role_of(full);
    rows_.push_back({std::move(full), std::move(shape), role});
  }

  void add_trunk() {
    const int64_t d = config_.model_dim;
    const auto& bigram = config_.bigram_hash;
    const bool smear_per_token = config_.smear_gate && config_.smear_gate->variant == SmearVariant::kPerToken;
    const bool smear_per_channel = config_.smear_gate && !smear_per_token;
    const bool bigram_in_layers = bigram && bigram->site == BigramSite::kEveryLayer;

    if (config_.unet_skips) add("skip_weights", {config_.skip_count(), d});
    if (smear_per_token) add("smear_lambda", {1});
    if (bigram_in_layers) add("bigram_lambdas", {config_.num_layers});
    if (config_.tensor_order == TensorOrder::kByBank) add_banks();
    add("tok_emb.weight", {config_.vocab_size, d});
    if (bigram && !bigram_in_layers) {
      add("bigram.scale", {});
      add("bigram.embed.weight", {bigram->buckets, bigram->dim});
      if (bigram->dim != d) add("bigram.proj.weight", {d, bigram->dim});
    }
    if (smear_per_channel) add("smear.gate", {d});
    for (int64_t layer = 0; layer < config_.num_layers; ++layer) add_block(layer);
    if (const auto& values = config_.value_embedding) {
      const int64_t kv = config_.kv_dim();
      add("ve_shared.scale", {});
      add("ve_shared.embed.weight", {config_.vocab_size, values->dim});
      if (values->dim != kv) add("ve_shared.proj.weight", {kv, values->dim});
      for (size_t i = 0; i < values->layers.size(); ++i) add(fmt::format("ve_layer_scales.{}", i), {1});
    }
    if (!config_.tie_embeddings) add("lm_head.weight", {config_.vocab_size, d});
    if (smear_per_token) add("smear_gate.weight", {1, d});
    if (bigram_in_layers) {
      add("bigram_embed.weight", {bigram->buckets, bigram->dim});
      if (bigram->dim != d) add("bigram_proj.weight", {d, bigram->dim});
    }
  }

  void add_block(int64_t layer) {
    add(fmt::format("blocks.{}.attn_scale", layer), {config_.model_dim});
    add(fmt::format("blocks.{}.mlp_scale", layer), {config_.model_dim});
    add(fmt::format("blocks.{}.resid_mix", layer), {2, config_.model_dim});
    add(fmt::format("blocks.{}.attn.q_gain", layer), {config_.num_heads});
    if (config_.tensor_order == TensorOrder::kByBank) return;
    for (const char* name : {"attn.c_q", "attn.c_k", "attn.c_v", "attn.proj", "mlp.fc", "mlp.proj"}) {
      add_matrix(layer, name);
    }
  }

  void add_banks() {
    static const std::vector<std::vector<const char*>> kBanks = {
        {"attn.c_q", "attn.proj"}, {"attn.c_k", "attn.c_v"}, {"mlp.fc"}, {"mlp.proj"}};
    for (const auto& bank : kBanks) {
      for (int64_t layer = 0; layer < config_.num_layers; ++layer) {
        for (const char* name : bank) add_matrix(layer, name);
      }
    }
  }

  void add_matrix(int64_t layer, std::string_view name) {
    const int64_t d = config_.model_dim;
    Shape shape = {d, d};
    if (name == "attn.c_k" || name == "attn.c_v") shape[0] = config_.kv_dim();
    if (name == "mlp.fc") shape[0] = config_.mlp_hidden;
    if (name == "mlp.proj") shape[1] = config_.mlp_hidden;
    add(fmt::format("blocks.{}.{}.weight", layer, name), std::move(shape));
  }

  const ModelConfig& config_;
  std::string prefix_;
  std::vector<TensorInfo> rows_;
};

}  // namespace

std::vector<TensorInfo> tensor_inventory(const ModelConfig& config) {
  return InventoryBuilder(config).build();
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

TensorSet without_train_only(TensorSet tensors) {
  TensorSet kept;
  kept.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    if (!is_train_only_name(name)) kept.add(name, std::move(tensor));
  }
  return kept;
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
  for (const auto& entry : tensors) {
    const bool known = std::any_of(inventory.begin(), inventory.end(),
                                   [&](const auto& row) { return row.name == entry.name; });
    if (!known) {
      fail(ErrorCode::kMismatch,
           fmt::format("tensor \"{}\" {} is not part of the configured model: drop it or fix the "
                       "configuration",
                       printable(entry.name), to_string(entry.tensor.shape)));
    }
  }
}

void check_finite(const TensorSet& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (const auto odd = non_finite_element(tensor)) {
      fail(ErrorCode::kCorruptData,
           fmt::format("tensor \"{}\": {}, finite values expected", printable(name), *odd));
    }
  }
}

}  // namespace golf
