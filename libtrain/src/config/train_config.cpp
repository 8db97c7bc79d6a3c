#include "golf/train/config/train_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr EnumName<MatrixInit> kMatrixInits[] = {
    {MatrixInit::kUpstream, "upstream"},
    {MatrixInit::kOrthogonal, "orthogonal"},
    {MatrixInit::kOrthogonalBanks, "orthogonal_banks"},
    {MatrixInit::kOrthogonalBanksMlpLast, "orthogonal_banks_mlp_last"},
};

constexpr EnumName<CalibrationKind> kCalibrationKinds[] = {
    {CalibrationKind::kAuto, "auto"},
    {CalibrationKind::kInputs, "inputs"},
    {CalibrationKind::kGradients, "gradients"},
};

}  // namespace

void declare(OptionVisitor& visit, TrainingConfig& config) {
  constexpr OnResume kMayChange = OnResume::kMayChange;
  visit.field("seed", config.seed,
              {.meaning = "seed of the initial weights and of every random draw", .variables = {"SEED"}});
  visit.field("val_every", config.val_every,
              {.meaning = "steps between validations; 0 validates at the end only",
               .low = 0,
               .high = kMostSteps,
               .variables = {"VAL_LOSS_EVERY"},
               .on_resume = kMayChange});
  visit.field("log_every", config.log_every,
              {.meaning = "steps between lines of the log; 0: none",
               .low = 0,
               .high = kMostSteps,
               .variables = {"TRAIN_LOG_EVERY"},
               .on_resume = kMayChange});
  visit.field("checkpoint_every", config.checkpoint_every,
              {.meaning = "steps between checkpoints; 0: at the end and when stopped",
               .low = 0,
               .high = kMostSteps,
               .on_resume = kMayChange});
  visit.field(
      "keep_checkpoints", config.keep_checkpoints,
      {.meaning = "newest checkpoints that are kept", .low = 1, .high = kMostSteps, .on_resume = kMayChange});
  visit.enumeration("matrix_init", config.matrix_init, kMatrixInits, {.meaning = "initial matrices"});
  visit.field(
      "qk_gain_init", config.qk_gain_init,
      {.meaning = "initial gain of the queries", .low = -1e3, .high = 1e3, .variables = {"QK_GAIN_INIT"}});
  visit.field("tied_embed_init_std", config.tied_embed_init_std,
              {.meaning = "standard deviation of a tied embedding's initial values",
               .low = 0,
               .high = 1e3,
               .variables = {"TIED_EMBED_INIT_STD"}});
  visit.field(
      "markov_mix_init", config.markov_mix_init,
      {.meaning = "initial share of the Markov table, between 0 and 1", .variables = {"MARKOV_MIX_INIT"}});
  visit.field("markov_pairs_init", config.markov_pairs_init,
              {.meaning = "initial weight of the Markov table of pairs",
               .low = -1e3,
               .high = 1e3,
               .variables = {"MARKOV2_MIX_INIT"}});
  visit.field("device", config.device, {.meaning = "auto, cpu, cuda or cuda:INDEX", .on_resume = kMayChange});
  visit.field("dtype", config.dtype,
              {.meaning = "auto (bf16 on CUDA, else fp32), fp32 or bf16", .on_resume = kMayChange});
  visit.field("threads", config.threads,
              {.meaning = "CPU threads of each pass; 0 leaves it to LibTorch",
               .low = 0,
               .high = 4096,
               .on_resume = kMayChange});
  visit.field(
      "cuda_graphs", config.cuda_graphs,
      {.meaning = "records each pass once as a CUDA graph, then replays it", .on_resume = kMayChange});
  visit.field("gpu_kernels", config.gpu_kernels,
              {.meaning = "on a GPU: the project's fused kernels in place of LibTorch's operations",
               .on_resume = kMayChange});
}

void declare(OptionVisitor& visit, ExportConfig& config) {
  visit.field("recipe", config.recipe, {.meaning = "name or file of the recipe"});
  visit.field("format", config.format, {.meaning = "golf or ptz"});
  visit.field("ptz_layout", config.ptz_layout,
              {.meaning = "of format ptz: gptq, pgrp_v1 (needs lrzip), pgrp_v2; empty: the recipe's"});
  visit.field("codec", config.codec, {.meaning = "codec and level; empty: the recipe's"});
  visit.field("keep_float_max", config.keep_float_max,
              {.meaning = "tensors of up to this many elements stay floats", .low = 0, .high = 0x1p40});
  visit.field("calibration", config.calibration, {.meaning = "file of golf-eval calibrate; empty: none"});
  visit.field("calibration_batches", config.calibration_batches,
              {.meaning = "training micro-batches that the run calibrates on at its end; 0: none",
               .low = 0,
               .high = 1 << 20,
               .variables = {"GPTQ_CALIBRATION_BATCHES"}});
  visit.enumeration("calibration_kind", config.calibration_kind, kCalibrationKinds,
                    {.meaning = "inputs: sums of x·xᵀ; gradients: as golf-eval calibrate; auto: inputs for "
                                "recipes with GPTQ, else gradients"});
  visit.field("fit", config.fit, {.meaning = "makes the steps as fine as the budget allows"});
  visit.field("verify", config.verify, {.meaning = "decodes the artifact and compares it"});
  visit.field(
      "size_every", config.size_every,
      {.meaning = "steps between projections of the artifact's size; 0: none", .low = 0, .high = kMostSteps});
  visit.field("adapt", config.adapt,
              {.meaning = "adaptation with which the artifact is scored as well: a preset or a file of "
                          "golf-eval --adapt, or model for eval.adapt; empty: none"});
}

void declare(OptionVisitor& visit, TrainConfig& config) {
  visit.field("name", config.name,
              {.meaning = "name of the run in its records", .on_resume = OnResume::kMayChange});
  visit.section("model", config.model);
  visit.section("eval", config.eval, OnResume::kMayChange);
  visit.section("data", config.data);
  visit.section("optimizer", config.optimizer);
  visit.section("schedule", config.schedule);
  visit.section("curriculum", config.curriculum);
  visit.section("training", config.training);
  visit.section("mtp", config.mtp);
  visit.section("qat", config.qat);
  visit.section("weights", config.weights);
  visit.section("export", config.export_, OnResume::kMayChange);
}

const std::vector<OptionRow>& train_options() {
  static const std::vector<OptionRow> kRows = [] {
    std::vector<OptionRow> rows;
    OptionVisitor lister(rows);
    TrainConfig defaults;
    declare(lister, defaults);
    return rows;
  }();
  return kRows;
}

namespace {

void validate(const TrainingConfig& training) {
  require(training.markov_mix_init > 0 && training.markov_mix_init < 1, "training.markov_mix_init",
          fmt::format("{} is not between 0 and 1", training.markov_mix_init));
  require(
      training.device == "auto" || training.device.starts_with("cpu") || training.device.starts_with("cuda"),
      "training.device", fmt::format("\"{}\" is not one of: auto, cpu, cuda, cuda:N", training.device));
  require(training.dtype == "auto" || training.dtype == "fp32" || training.dtype == "bf16", "training.dtype",
          fmt::format("\"{}\" is not one of: auto, fp32, bf16", training.dtype));
}

}  // namespace

void validate(const TrainConfig& config) {
  validate(config.model);
  validate(config.eval);
  OptionVisitor ranges;
  declare(ranges, const_cast<TrainConfig&>(config));  // a check reads its fields only
  validate(config.data);
  validate(config.optimizer);
  validate(config.schedule);
  validate(config.curriculum, config.data.seq_len);
  require(config.curriculum.seq_lens.empty() || config.data.order == DataOrder::kDocuments,
          "curriculum.seq_lens", "grows the documents' parts that attention spans: set data.order=documents");
  validate(config.training);
  require(!config.training.cuda_graphs || config.data.order != DataOrder::kDocuments, "training.cuda_graphs",
          "cannot record passes whose documents change: set data.order to another, or this to false");
  require(
      config.mtp.heads < config.data.seq_len, "mtp.heads",
      fmt::format("{} heads need more than data.seq_len {} tokens", config.mtp.heads, config.data.seq_len));
  validate(config.qat);
  validate(config.weights);
  require(config.export_.format == "golf" || config.export_.format == "ptz", "export.format",
          fmt::format("\"{}\" is not one of: golf, ptz", config.export_.format));
  constexpr std::string_view kLayouts[] = {"", "gptq", "pgrp_v1", "pgrp_v2"};
  require(std::ranges::find(kLayouts, config.export_.ptz_layout) != std::end(kLayouts), "export.ptz_layout",
          fmt::format("\"{}\" is not one of: gptq, pgrp_v1, pgrp_v2", config.export_.ptz_layout));
  require(config.export_.calibration_batches == 0 || config.export_.calibration.empty(),
          "export.calibration_batches", "cannot go with export.calibration: give one of the two");
}

}  // namespace golf
