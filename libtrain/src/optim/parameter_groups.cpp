#include "golf/train/optim/parameter_groups.h"

#include <algorithm>
#include <optional>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

enum Kind { kEmbedding, kHead, kMatrices, kControls, kSmear, kMarkov, kMarkovPairs, kKindCount };

/// The group that the parameter's declaration asks for; none for a parameter that is not trained.
std::optional<Kind> kind_of(const TensorInfo& row, const OptimizerConfig& config) {
  if (row.group == "none") return std::nullopt;
  if (row.group == "embedding") return kEmbedding;
  if (row.group == "head") return kHead;
  if (row.group == "matrices") return kMatrices;
  if (row.group == "smear" && config.groups.smear) return kSmear;
  if (row.group == "markov") return kMarkov;
  if (row.group == "markov_pairs") return kMarkovPairs;
  if (row.group == "side_table" && config.side_tables == SideTables::kEmbedding) return kEmbedding;
  const bool by_muon = config.side_projections == SideProjections::kMatrices;
  if (row.group == "side_projection" && by_muon) return kMatrices;
  return kControls;
}

/// A group of Adam's, with its departures from the common settings.
ParameterGroup adam_group(std::string name, double base_lr, const std::optional<AdamGroupConfig>& own,
                          const AdamConfig& common) {
  const AdamGroupConfig departures = own.value_or(AdamGroupConfig{});
  return {.name = std::move(name),
          .optimizer = OptimizerKind::kAdam,
          .base_lr = base_lr * departures.lr_scale,
          .adam = departures.over(common),
          .parameters = {}};
}

}  // namespace

std::string mtp_head_name(int64_t index) { return "mtp_heads." + std::to_string(index) + ".weight"; }

std::vector<ParameterGroup> plan_parameter_groups(const ModelConfig& model, const OptimizerConfig& config,
                                                  int64_t mtp_heads) {
  const AdamGroupsConfig& own = config.groups;
  const double embedding_lr = model.tie_embeddings ? config.tied_embed_lr : config.embed_lr;
  std::vector<ParameterGroup> groups(kKindCount);
  groups[kEmbedding] = adam_group("embedding", embedding_lr, own.embedding, config.adam);
  groups[kHead] = adam_group("head", config.head_lr, own.head, config.adam);
  groups[kMatrices] = {.name = "matrices",
                       .optimizer = OptimizerKind::kMuon,
                       .base_lr = config.matrix_lr,
                       .adam = {},
                       .parameters = {}};
  groups[kControls] = adam_group("controls", config.scalar_lr, own.controls, config.adam);
  groups[kSmear] = adam_group("smear", config.scalar_lr, own.smear, config.adam);
  groups[kMarkov] = adam_group("markov", config.markov_lr, own.markov, config.adam);
  groups[kMarkovPairs] = adam_group("markov_pairs", config.markov_pairs_lr, own.markov_pairs, config.adam);

  // What belongs to the blocks comes first in its group, then the multi-token heads, then the rest.
  const std::vector<TensorInfo> rows = tensor_inventory(model);
  const auto add = [&](bool in_blocks) {
    for (const TensorInfo& row : rows) {
      const auto kind = kind_of(row, config);
      if (kind && (layer_of(row.name) >= 0) == in_blocks) groups[*kind].parameters.push_back(row.name);
    }
  };
  add(/*in_blocks=*/true);
  for (int64_t head = 0; head < mtp_heads; ++head) {
    groups[kMatrices].parameters.push_back(mtp_head_name(head));
  }
  add(/*in_blocks=*/false);

  std::erase_if(groups, [](const ParameterGroup& group) { return group.parameters.empty(); });
  return groups;
}

}  // namespace golf
