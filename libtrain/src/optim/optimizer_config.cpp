#include "golf/train/optim/optimizer_config.h"

#include <fmt/format.h>

#include <array>

#include "golf/artifact/base/require.h"

namespace golf {
namespace {

constexpr std::array<EnumName<IterationDType>, 2> kIterationDTypes = {{
    {IterationDType::kBFloat16, "bf16"},
    {IterationDType::kFloat32, "fp32"},
}};
constexpr std::array<EnumName<SideTables>, 2> kSideTables = {{
    {SideTables::kEmbedding, "embedding"},
    {SideTables::kControls, "controls"},
}};
constexpr std::array<EnumName<SideProjections>, 2> kSideProjections = {{
    {SideProjections::kMatrices, "matrices"},
    {SideProjections::kControls, "controls"},
}};

template <class E, size_t N>
void enumeration(JsonFields& fields, std::string_view key, E& value,
                 const std::array<EnumName<E>, N>& names) {
  fields.enumeration(key, value, std::span<const EnumName<E>>(names));
}

void validate(const std::string& field, const AdamConfig& adam) {
  require_range(field + ".beta1", adam.beta1, 0, 1);
  require_range(field + ".beta2", adam.beta2, 0, 1);
  require_range(field + ".eps", adam.eps, 0, 1);
  require_range(field + ".weight_decay", adam.weight_decay, 0, 1e3);
}

}  // namespace

AdamConfig AdamGroupConfig::over(AdamConfig common) const {
  return {.beta1 = beta1.value_or(common.beta1),
          .beta2 = beta2.value_or(common.beta2),
          .eps = eps.value_or(common.eps),
          .weight_decay = weight_decay.value_or(common.weight_decay)};
}

void describe(JsonFields& fields, AdamConfig& config) {
  fields.field("beta1", config.beta1);
  fields.field("beta2", config.beta2);
  fields.field("eps", config.eps);
  fields.field("weight_decay", config.weight_decay);
}

void describe(JsonFields& fields, MuonConfig& config) {
  fields.field("momentum", config.momentum);
  fields.field("momentum_warmup_start", config.momentum_warmup_start);
  fields.field("momentum_warmup_steps", config.momentum_warmup_steps);
  fields.field("weight_decay", config.weight_decay);
  fields.field("ns_steps", config.ns_steps);
  enumeration(fields, "ns_dtype", config.ns_dtype, kIterationDTypes);
  enumeration(fields, "momentum_dtype", config.momentum_dtype, kIterationDTypes);
}

void describe(JsonFields& fields, AdamGroupConfig& config) {
  fields.field("lr_scale", config.lr_scale);
  fields.field("beta1", config.beta1);
  fields.field("beta2", config.beta2);
  fields.field("eps", config.eps);
  fields.field("weight_decay", config.weight_decay);
}

void describe(JsonFields& fields, AdamGroupsConfig& config) {
  fields.section("embedding", config.embedding);
  fields.section("head", config.head);
  fields.section("controls", config.controls);
  fields.section("smear", config.smear);
  fields.section("markov", config.markov);
  fields.section("markov_pairs", config.markov_pairs);
}

void describe(JsonFields& fields, OptimizerConfig& config) {
  fields.field("embed_lr", config.embed_lr);
  fields.field("head_lr", config.head_lr);
  fields.field("tied_embed_lr", config.tied_embed_lr);
  fields.field("matrix_lr", config.matrix_lr);
  fields.field("scalar_lr", config.scalar_lr);
  fields.field("markov_lr", config.markov_lr);
  fields.field("markov_pairs_lr", config.markov_pairs_lr);
  fields.field("grad_clip_norm", config.grad_clip_norm);
  fields.field("clip_each_rank", config.clip_each_rank);
  enumeration(fields, "side_tables", config.side_tables, kSideTables);
  enumeration(fields, "side_projections", config.side_projections, kSideProjections);
  fields.section("adam", config.adam);
  fields.section("groups", config.groups);
  fields.section("muon", config.muon);
}

void validate(const OptimizerConfig& optimizer) {
  constexpr double kMaxRate = 1e3;
  require_range("optimizer.embed_lr", optimizer.embed_lr, 0, kMaxRate);
  require_range("optimizer.head_lr", optimizer.head_lr, 0, kMaxRate);
  require_range("optimizer.tied_embed_lr", optimizer.tied_embed_lr, 0, kMaxRate);
  require_range("optimizer.matrix_lr", optimizer.matrix_lr, 0, kMaxRate);
  require_range("optimizer.scalar_lr", optimizer.scalar_lr, 0, kMaxRate);
  require_range("optimizer.markov_lr", optimizer.markov_lr, 0, kMaxRate);
  require_range("optimizer.markov_pairs_lr", optimizer.markov_pairs_lr, 0, kMaxRate);
  require_range("optimizer.grad_clip_norm", optimizer.grad_clip_norm, 0, 1e9);
  validate("optimizer.adam", optimizer.adam);
  const AdamGroupsConfig& groups = optimizer.groups;
  const std::pair<const char*, const std::optional<AdamGroupConfig>&> named[] = {
      {"embedding", groups.embedding}, {"head", groups.head},     {"controls", groups.controls},
      {"smear", groups.smear},         {"markov", groups.markov}, {"markov_pairs", groups.markov_pairs}};
  for (const auto& [name, group] : named) {
    if (!group) continue;
    const std::string field = fmt::format("optimizer.groups.{}", name);
    require_range(field + ".lr_scale", group->lr_scale, 0, kMaxRate);
    validate(field, group->over(optimizer.adam));
  }
  require_range("optimizer.muon.momentum", optimizer.muon.momentum, 0, 1);
  require_range("optimizer.muon.momentum_warmup_start", optimizer.muon.momentum_warmup_start, 0, 1);
  require_range("optimizer.muon.momentum_warmup_steps", optimizer.muon.momentum_warmup_steps, 0, 1 << 30);
  require_range("optimizer.muon.weight_decay", optimizer.muon.weight_decay, 0, 1e3);
  require_range("optimizer.muon.ns_steps", optimizer.muon.ns_steps, 0, 100);
}

}  // namespace golf
