#include "golf/train/optim/optimizer_config.h"

#include <fmt/format.h>

#include <utility>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr EnumName<IterationDType> kIterationDTypes[] = {
    {IterationDType::kBFloat16, "bf16"},
    {IterationDType::kFloat32, "fp32"},
};
constexpr EnumName<NewtonSchulz> kNewtonSchulz[] = {
    {NewtonSchulz::kQuintic, "quintic"},
    {NewtonSchulz::kPolarExpress, "polar_express"},
};
constexpr EnumName<NormDType> kNormDTypes[] = {
    {NormDType::kFloat32, "fp32"},
    {NormDType::kFloat64, "fp64"},
};
constexpr EnumName<SideTables> kSideTables[] = {
    {SideTables::kEmbedding, "embedding"},
    {SideTables::kControls, "controls"},
};
constexpr EnumName<SideProjections> kSideProjections[] = {
    {SideProjections::kMatrices, "matrices"},
    {SideProjections::kControls, "controls"},
};

constexpr double kMaxRate = 1e3;

}  // namespace

AdamConfig AdamGroupConfig::over(AdamConfig common) const {
  return {.beta1 = beta1.value_or(common.beta1),
          .beta2 = beta2.value_or(common.beta2),
          .eps = eps.value_or(common.eps),
          .weight_decay = weight_decay.value_or(common.weight_decay)};
}

void declare(OptionVisitor& visit, AdamConfig& config) {
  visit.field("beta1", config.beta1,
              {.meaning = "decay of the first moment", .low = 0, .high = 1, .variables = {"BETA1"}});
  visit.field("beta2", config.beta2,
              {.meaning = "decay of the second moment", .low = 0, .high = 1, .variables = {"BETA2"}});
  visit.field(
      "eps", config.eps,
      {.meaning = "added to the root of the second moment", .low = 0, .high = 1, .variables = {"ADAM_EPS"}});
  visit.field("weight_decay", config.weight_decay,
              {.meaning = "decoupled: w ← w · (1 − lr · weight_decay) before the update",
               .low = 0,
               .high = 1e3,
               .variables = {"ADAM_WD"}});
}

void declare(OptionVisitor& visit, DecayTaperConfig& config) {
  visit.field("start_fraction", config.start_fraction,
              {.meaning = "share of the run after which Muon's weight decay falls", .low = 0, .high = 1});
  visit.field("final_scale", config.final_scale,
              {.meaning = "factor of Muon's weight decay at the end of the run", .low = 0, .high = 1e3});
}

void declare(OptionVisitor& visit, MuonConfig& config) {
  visit.field("momentum", config.momentum,
              {.meaning = "Nesterov momentum", .low = 0, .high = 1, .variables = {"MUON_MOMENTUM"}});
  visit.field("momentum_warmup_start", config.momentum_warmup_start,
              {.meaning = "momentum of the first step",
               .low = 0,
               .high = 1,
               .variables = {"MUON_MOMENTUM_WARMUP_START"}});
  visit.field("momentum_warmup_steps", config.momentum_warmup_steps,
              {.meaning = "steps of the linear rise to the full momentum",
               .low = 0,
               .high = kMostSteps,
               .variables = {"MUON_MOMENTUM_WARMUP_STEPS"}});
  visit.field("weight_decay", config.weight_decay,
              {.meaning = "decoupled: W ← W · (1 − lr · weight_decay) before the update",
               .low = 0,
               .high = 1e3,
               .variables = {"MUON_WEIGHT_DECAY", "MUON_WD"}});
  visit.field("row_normalize", config.row_normalize,
              {.meaning = "divides each row of the update by its L2 norm before the iterations (MuonEq-R)",
               .variables = {"MUON_ROW_NORMALIZE"}});
  visit.field(
      "ns_steps", config.ns_steps,
      {.meaning = "Newton–Schulz iterations", .low = 0, .high = 100, .variables = {"MUON_BACKEND_STEPS"}});
  visit.enumeration("ns_coefficients", config.ns_coefficients, kNewtonSchulz,
                    {.meaning = "polynomials of the iterations; polar_express has five"});
  visit.enumeration("ns_dtype", config.ns_dtype, kIterationDTypes, {.meaning = "dtype of the iterations"});
  visit.enumeration("momentum_dtype", config.momentum_dtype, kIterationDTypes,
                    {.meaning = "dtype of the momentum"});
  visit.section("decay_taper", config.decay_taper);
}

void declare(OptionVisitor& visit, AdamGroupConfig& config) {
  visit.field("lr_scale", config.lr_scale,
              {.meaning = "factor of the group's rate", .low = 0, .high = kMaxRate});
  visit.field("beta1", config.beta1, {.meaning = "instead of optimizer.adam.beta1", .low = 0, .high = 1});
  visit.field("beta2", config.beta2, {.meaning = "instead of optimizer.adam.beta2", .low = 0, .high = 1});
  visit.field("eps", config.eps, {.meaning = "instead of optimizer.adam.eps", .low = 0, .high = 1});
  visit.field("weight_decay", config.weight_decay,
              {.meaning = "instead of optimizer.adam.weight_decay", .low = 0, .high = 1e3});
}

void declare(OptionVisitor& visit, AdamGroupsConfig& config) {
  visit.section("embedding", config.embedding);
  visit.section("head", config.head);
  visit.section("controls", config.controls);
  visit.section("smear", config.smear);
  visit.section("markov", config.markov);
  visit.section("markov_pairs", config.markov_pairs);
}

void declare(OptionVisitor& visit, OptimizerConfig& config) {
  const auto rate = [&](const char* key, double& value, const char* meaning,
                        std::vector<const char*> variables = {}) {
    visit.field(key, value,
                {.meaning = meaning, .low = 0, .high = kMaxRate, .variables = std::move(variables)});
  };
  rate("embed_lr", config.embed_lr, "rate of an untied model's embedding", {"EMBED_LR"});
  rate("head_lr", config.head_lr, "rate of an untied head", {"HEAD_LR"});
  rate("tied_embed_lr", config.tied_embed_lr, "rate of a tied embedding", {"TIED_EMBED_LR"});
  rate("matrix_lr", config.matrix_lr, "rate of the matrices that Muon trains", {"MATRIX_LR"});
  rate("scalar_lr", config.scalar_lr, "rate of the control parameters", {"SCALAR_LR"});
  rate("markov_lr", config.markov_lr, "rate of the Markov table");
  rate("markov_pairs_lr", config.markov_pairs_lr, "rate of the Markov table of pairs");
  visit.field("grad_clip_norm", config.grad_clip_norm,
              {.meaning = "largest L2 norm of all gradients; 0 is off",
               .low = 0,
               .high = 1e9,
               .variables = {"GRAD_CLIP_NORM"}});
  visit.field("clip_each_rank", config.clip_each_rank,
              {.meaning = "clips each rank's gradients before they are averaged"});
  visit.enumeration("grad_norm_dtype", config.grad_norm_dtype, kNormDTypes,
                    {.meaning = "dtype in which that norm is summed"});
  visit.enumeration("side_tables", config.side_tables, kSideTables,
                    {.meaning = "whose rate the feature tables take"});
  visit.enumeration("side_projections", config.side_projections, kSideProjections,
                    {.meaning = "whether Muon or Adam trains their projections"});
  visit.section("adam", config.adam);
  visit.section("groups", config.groups);
  visit.section("muon", config.muon);
}

void validate(const OptimizerConfig& config) {
  const MuonConfig& muon = config.muon;
  require(muon.ns_coefficients != NewtonSchulz::kPolarExpress || muon.ns_steps <= kPolarExpressSteps,
          "optimizer.muon.ns_steps",
          fmt::format("{} iterations, but polar_express has polynomials for {}", muon.ns_steps,
                      kPolarExpressSteps));
  require(!muon.decay_taper || muon.weight_decay > 0, "optimizer.muon.decay_taper",
          "there is no decay that could fall: set optimizer.muon.weight_decay or leave the taper away");
}

}  // namespace golf
