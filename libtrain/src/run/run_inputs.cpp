#include "run/run_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/quantize/scheme_table.h"

namespace golf {
namespace {

/// Runs `read`, putting the configuration's field in front of what is wrong with it.
template <class Read>
auto field(std::string_view name, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    fail_within(name, error);
  }
}

Tokenizer tokenizer_of(const TrainConfig& config, const TrainJob& job) {
  Tokenizer tokenizer = read_tokenizer(job.tokenizer, /*vocab_size=*/0);
  if (tokenizer.pieces() != config.model.vocab_size) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: {} pieces, but model.vocab_size is {}: give the tokenizer that the shards "
                     "were made with, or --set model.vocab_size={}",
                     printable(job.tokenizer), tokenizer.pieces(), config.model.vocab_size,
                     tokenizer.pieces()));
  }
  return tokenizer;
}

/// The validation text, as many targets of it as an evaluation scores countable.
TokenizedText validation_text(const RunInputs& inputs, const Tokenizer& tokenizer, int64_t seq_len) {
  TokenizedText text = read_text(inputs.val_shards, tokenizer);
  if (text.view().size() <= seq_len) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: {} tokens are less than one sequence of eval.seq_len {} and its target",
                     printable(inputs.val_pattern), text.tokens.size(), seq_len));
  }
  try {
    require_countable_bytes(text, text.view().targets() / seq_len * seq_len, tokenizer);
  } catch (const Error& error) {
    fail_within(printable(inputs.val_pattern), error);
  }
  return text;
}

bool uses_gptq(const QuantRecipe& recipe) {
  return std::ranges::any_of(recipe.rules, [](const QuantRule& rule) {
    return parse_scheme(rule.scheme).row->kind == SchemeKind::kGptq;
  });
}

/// Before there are weights.
std::optional<SizeForecast> forecast_of(const TrainConfig& config, const PackRequest& request) {
  if (request.target.kind != PackTarget::Kind::kNone) return std::nullopt;
  try {
    return forecast_size(config.model, request);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    return std::nullopt;  // a rule that needs the calibration
  }
}

std::optional<AdaptConfig> adapt_of(const TrainConfig& config) {
  const std::string& name = config.export_.adapt;
  if (name.empty()) return std::nullopt;
  if (name != "model") return field("export.adapt", [&] { return load_adapt_config(name); });
  if (!config.eval.adapt) {
    fail(ErrorCode::kInvalidArgument,
         "export.adapt: is model, but the configuration has no eval.adapt: name a preset, or give one");
  }
  return config.eval.adapt;
}

/// How the final weights are packed. The provenance is added at the end.
PackRequest pack_request(const TrainConfig& config, const TrainJob& job) {
  const ExportConfig& options = config.export_;
  QuantRecipe recipe = field("export.recipe", [&] { return load_recipe(options.recipe); });
  recipe.keep_float_max = options.keep_float_max;
  if (options.format == "ptz" && recipe.ptz_layout.empty() && options.ptz_layout.empty()) {
    fail(ErrorCode::kUnsupported,
         fmt::format("export.format: recipe {} has no ptz layout: use golf", recipe.name));
  }
  if (options.format == "ptz" &&
      (options.ptz_layout.empty() ? recipe.ptz_layout : options.ptz_layout) == "pgrp_v1") {
    // Else the lack would show when training is over.
    field("export.ptz_layout: pgrp_v1", [] { return run_program({"lrzip", "--version"}, {}, 1 << 16); });
  }
  const bool calibrates = options.calibration_batches > 0 || !options.calibration.empty();
  if (options.format == "golf" && calibrates && uses_gptq(recipe) &&
      recipe.lqer_tensors + recipe.awq_groups > 0) {
    fail(ErrorCode::kUnsupported,
         fmt::format("export.format: golf holds no LQER and no AWQ-lite, which recipe {} adds: use ptz",
                     recipe.name));
  }
  const bool tunable = std::ranges::any_of(
      recipe.rules, [](const QuantRule& rule) { return parse_scheme(rule.scheme).has_tunable_step(); });
  if (options.fit && !tunable) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format(
             "export.fit: recipe {} has no steps to fit: give export.recipe best, or another with ecsq "
             "or tcq",
             recipe.name));
  }
  PackRequest request;
  request.codec = field("export.codec",
                        [&] { return parse_codec(options.codec.empty() ? recipe.codec : options.codec); });
  if (!options.calibration.empty()) {
    request.calibration = field("export.calibration", [&] { return read_calibration(options.calibration); });
  }
  if (options.format == "ptz") request.ptz_layout = options.ptz_layout;
  request.format = options.format == "ptz" ? ArtifactFormat::kPtz : ArtifactFormat::kGolf;
  request.budget.code = measure_code(job.code_files);
  if (options.fit) request.target.kind = PackTarget::Kind::kBudget;
  request.verify = options.verify;
  request.threads = static_cast<int>(config.training.threads);
  request.recipe = std::move(recipe);
  return request;
}

}  // namespace

RunInputs read_run_inputs(const TrainConfig& config, const TrainJob& job) {
  RunInputs inputs;
  inputs.config = config;
  inputs.job = job;
  inputs.pack = pack_request(config, job);
  inputs.forecast = forecast_of(config, inputs.pack);
  inputs.adapt = adapt_of(config);
  if (!std::filesystem::is_directory(job.data_dir)) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: no such folder: give the one that holds {}",
                                                  printable(job.data_dir), config.data.train_pattern));
  }
  inputs.train_pattern = job.data_dir + "/" + config.data.train_pattern;
  inputs.val_pattern = job.data_dir + "/" + config.data.val_pattern;
  inputs.train_shards = find_shards(job.data_dir, config.data.train_pattern);
  inputs.val_shards = find_shards(job.data_dir, config.data.val_pattern);
  const Tokenizer tokenizer = tokenizer_of(config, job);
  inputs.tokenizer = tokenizer.file;
  inputs.validation = validation_text(inputs, tokenizer, config.eval.seq_len);
  inputs.eval = {.mode = EvalMode::kStandard,
                 .seq_len = config.eval.seq_len,
                 .stride = config.eval.stride,
                 .batch_seqs = config.eval.batch_seqs};
  return inputs;
}

bool calibrates_inputs(const RunInputs& inputs) {
  const CalibrationKind kind = inputs.config.export_.calibration_kind;
  if (kind != CalibrationKind::kAuto) return kind == CalibrationKind::kInputs;
  return uses_gptq(recipe_of(inputs.pack));
}

void check_calibration(const RunInputs& inputs, const TensorSet& weights) {
  if (!inputs.pack.calibration) return;
  field("export.calibration", [&] { inputs.pack.calibration->check_against(weights); });
}

}  // namespace golf
