#include "golf_eval/eval_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"

namespace golf {
namespace {

constexpr const char* kRoundTrip = "Round trip";

/// A file that is written beside the result; empty: none.
void check_written_file(const char* option, const std::string& path, const std::vector<std::string>& inputs) {
  if (path == "-") throw UsageError(fmt::format("{}: give a file", option));
  if (!path.empty()) check_output(path, inputs, /*binary=*/false);
}

/// What --adapt goes with.
void check_adapted(const EvalOptions& options, std::vector<std::string> inputs) {
  if (options.model.dtype == "auto") {
    throw UsageError("--dtype auto: does not go with --adapt: give fp32 or bf16");
  }
  if (options.windows.modes != std::vector{EvalMode::kSliding} || options.windows.pack_seqs) {
    throw UsageError("--mode: an adaptation has windows of its own: leave it out");
  }
  if (options.windows.policy && options.windows.policy->name != "once") {
    throw UsageError("--window-policy: an adaptation scores each token once: leave it out");
  }
  inputs.push_back(options.adapt.adapt);
  check_written_file("--receipt", options.adapt.receipt, inputs);
}

/// What --resume goes with: one evaluation of one model, of which totals are all that is kept.
void check_resumed(const EvalOptions& options, const std::vector<std::string>& inputs) {
  if (options.resume.file.empty()) return;
  if (options.model.dtype == "auto") {
    throw UsageError("--dtype auto: does not go with --resume, as it may choose otherwise: give the type");
  }
  if (!options.roundtrip.recipe.empty()) {
    throw UsageError("--resume: does not go with --roundtrip, which evaluates two models");
  }
  if (!options.dump_nll.empty()) {
    throw UsageError("--dump-nll: does not go with --resume: the losses before a kill are gone");
  }
  if (options.windows.modes.size() != 1) {
    throw UsageError("--resume: needs exactly one --mode, as the file holds the totals of one");
  }
  check_written_file("--resume", options.resume.file, inputs);
}

/// What no single option can tell.
void check_together(const EvalOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = checked_inputs({{"MODEL", options.model.model},
                                                          {"--data", options.text.data},
                                                          {"--tokenizer", options.text.tokenizer},
                                                          {"--paid-prefix", options.paid_prefix}});
  options.windows.check();
  options.adapt.check();
  if (options.dtype_tolerance && options.model.dtype != "auto") {
    throw UsageError("--dtype-tolerance: belongs to --dtype auto");
  }
  if (options.dtype_tolerance && !(*options.dtype_tolerance >= 0)) {
    throw UsageError("--dtype-tolerance: expected bits per byte of at least 0");
  }
  if (options.adapt.wanted()) check_adapted(options, inputs);
  check_resumed(options, inputs);
  if (!options.dump_nll.empty() && options.windows.modes.size() != 1) {
    throw UsageError("--dump-nll: needs exactly one --mode, as the file holds the losses of one");
  }
  if (options.dump_nll == "-" && (options.output == "-" || common.json)) {
    throw UsageError("--dump-nll: standard output can carry one thing: write one of them to a file");
  }
  if (!options.ngram_tilt && (options.tilt_order || options.tilt_threshold || options.tilt_boost)) {
    throw UsageError(fmt::format("--tilt-{}: belongs to --ngram-tilt", options.tilt_order       ? "order"
                                                                       : options.tilt_threshold ? "threshold"
                                                                                                : "boost"));
  }
  const bool hashed = options.ngram_cache == "hashed";
  if (!hashed && !options.ngram_cache.empty() && options.ngram_cache != "exact") {
    throw UsageError(fmt::format("--ngram-cache: expected hashed or exact, found {}", options.ngram_cache));
  }
  if (options.ngram_buckets && !hashed) throw UsageError("--ngram-buckets: belongs to --ngram-cache hashed");
  if (options.cache_shards && !hashed) throw UsageError("--cache-shards: belongs to --ngram-cache hashed");
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);
  if (!options.dump_nll.empty()) check_output(options.dump_nll, inputs, /*binary=*/true);
}

void check_together(const CalibrateOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = checked_inputs({{"MODEL", options.model.model},
                                                          {"--data", options.text.data},
                                                          {"--tokenizer", options.text.tokenizer}});
  check_output(options.output, inputs, /*binary=*/true);
  refuse_json_beside_output(options.output, common.json);
}

/// The options of a round trip do nothing without one.
/// @param only_adapts  --set says nothing but adapt.SECTION.KEY=VALUE
void refuse_round_trip_options(const CLI::App& app, bool only_adapts) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group() != kRoundTrip || option->count() == 0) continue;
    if (option->get_name() == "--set" && only_adapts) continue;
    throw UsageError(fmt::format("{}: belongs to --roundtrip RECIPE", option->get_name()));
  }
}

void check_together(const SweepOptions& options) {
  if (options.range.min_step >= options.range.max_step)
    throw UsageError("--min-step must be below --max-step");
  const std::vector<std::string> inputs = checked_inputs({{"MODEL", options.model.model},
                                                          {"--data", options.text.data},
                                                          {"--tokenizer", options.text.tokenizer},
                                                          {"--calibration", options.pack.calibration}});
  options.adapt.check();
  if (!options.svg.empty()) check_output(options.svg, inputs, /*binary=*/false);
}

void add_post_processor_options(CLI::App& app, EvalOptions& options) {
  const std::string group = "Score post-processors (legality in every result)";
  app.add_flag("--ngram-tilt", options.ngram_tilt,
               "raise the token that followed the same context most often so far, as PR 2135 does, and "
               "renormalize")
      ->group(group);
  app.add_option("--tilt-order", options.tilt_order, "tilt: a context is the last N - 1 tokens")
      ->type_name("N")
      ->default_str("16")
      ->check(at_least(0))
      ->group(group);
  app.add_option("--tilt-threshold", options.tilt_threshold,
                 "tilt: the share of its context's occurrences that the token must have")
      ->type_name("SHARE")
      ->default_str("0.8")
      ->group(group);
  app.add_option("--tilt-boost", options.tilt_boost, "tilt: what is added to the token's logit")
      ->type_name("NATS")
      ->default_str("2.625")
      ->group(group);
  app.add_option("--ngram-cache", options.ngram_cache,
                 "mix in an n-gram cache of the tokens scored so far: hashed as PR 993 published it (not "
                 "normalized), or exact, a probability")
      ->type_name("KIND")
      ->check(known_values({"hashed", "exact"}))
      ->group(group);
  app.add_option("--ngram-buckets", options.ngram_buckets, "hashed: buckets of each table, a power of two")
      ->type_name("N")
      ->default_str("the model's own, 4194304")
      ->check(at_least(1))
      ->group(group);
  app.add_option("--cache-shards", options.cache_shards,
                 "hashed: caches that start empty, as so many ranks had them")
      ->type_name("N")
      ->default_str("the model's own, 1")
      ->check(at_least(1))
      ->group(group);
  app.add_option(
         "--paid-prefix", options.paid_prefix,
         "compressed first targets (golf-pack prefix): where it is right the loss is 0; its bytes are "
         "charged to the artifact")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--audit-normalization", options.audit_positions,
                 "sum each distribution over the vocabulary at so many sampled positions; 0: none")
      ->type_name("N")
      ->check(at_least(0))
      ->group(group);
}

}  // namespace

EvalSettings EvalOptions::settings(EvalMode mode, const EvalConfig& defaults) const {
  EvalSettings settings = windows.settings(mode, defaults);
  settings.batch_seqs = batch_seqs.value_or(settings.batch_seqs);
  return settings;
}

PostProcessing EvalOptions::post_processing(const EvalConfig& defaults) const {
  PostProcessing post_processing{.audit_positions = audit_positions};
  if (ngram_tilt) {
    NgramTiltConfig tilt;
    tilt.order = tilt_order.value_or(tilt.order);
    tilt.threshold = tilt_threshold.value_or(tilt.threshold);
    tilt.boost = tilt_boost.value_or(tilt.boost);
    parse_option("", [&] { validate(tilt); });
    post_processing.ngram_tilt = tilt;
  }
  if (ngram_cache == "exact") post_processing.ngram_exact = defaults.ngram_exact;
  if (ngram_cache == "hashed") {
    post_processing.ngram_hashed = defaults.ngram_hashed;
    post_processing.ngram_hashed->buckets = ngram_buckets.value_or(defaults.ngram_hashed.buckets);
    post_processing.ngram_hashed->shards = cache_shards.value_or(defaults.ngram_hashed.shards);
  }
  return post_processing;
}

ToolInfo eval_info(const std::string& libtorch_version) {
  return {.name = "golf-eval",
          .usage =
              "MODEL --data GLOB --tokenizer FILE [OPTIONS]\n"
              "       golf-eval COMMAND ...",
          .description =
              "Measures a model's bits per byte on tokenized text. MODEL is an artifact or a checkpoint; "
              "its configuration comes from inside it.",
          .examples =
              "golf-eval model.golf --data 'data/fineweb_val_*.bin' --tokenizer fineweb_1024_bpe.model\n"
              "golf-eval final.safetensors --data data/ --tokenizer fineweb_1024_bpe.model \\\n"
              "  --mode standard,sliding --stride 64 --roundtrip baseline-int8 --json -o eval.json\n"
              "golf-eval model.golf --data data/ --tokenizer fineweb_1024_bpe.model --mode sliding \\\n"
              "  --ngram-cache exact --audit-normalization 1000\n"
              "golf-eval model.golf --data data/ --tokenizer fineweb_8192_bpe.model --adapt pr1493 \\\n"
              "  --receipt receipt.jsonl --resume run.resume",
          .gate = kByteCheckGate,
          .libtorch_version = libtorch_version};
}

void add_eval_options(CommandLine& line) {
  const auto shared = std::make_shared<EvalOptions>();
  EvalOptions& options = *shared;
  CLI::App& app = line.app();
  line.on_run([shared, &app](const CommonOptions& common) {
    // The windows of an adaptation slide unless its learner goes by documents.
    if (shared->adapt.wanted() && shared->windows.modes == std::vector{EvalMode::kStandard}) {
      shared->windows.modes = {EvalMode::kSliding};
    }
    check_together(*shared, common);
    if (shared->roundtrip.recipe.empty()) {
      refuse_round_trip_options(app, shared->roundtrip.request.overrides.empty());
    }
    return evaluate_model(*shared, common);
  });
  add_measured_model_options(
      app, options.model,
      "artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt); - reads standard input");
  app.add_option("--dtype-tolerance", options.dtype_tolerance,
                 "with --dtype auto: how far its bits per byte may be from fp32's on the first sequences")
      ->type_name("BPB")
      ->default_str("0.0005")
      ->group("Model");
  add_data_options(app, options.text);
  add_text_options(app, options.text);
  add_other_tokenizer_flag(app, options.text);
  add_window_options(app, options.windows, "the model's own", "the model's own");
  app.add_option("--batch-seqs", options.batch_seqs, "windows worked on at a time")
      ->type_name("N")
      ->default_str("the model's own")
      ->check(at_least(1))
      ->group("Windows");
  add_post_processor_options(app, options);
  constexpr const char* kAdaptation = "Adaptation (score first, then learn)";
  add_adapt_option(app, options.adapt, options.roundtrip, kAdaptation);
  add_adapt_run_options(app, options.adapt, kAdaptation);

  app.add_option("--roundtrip", options.roundtrip.recipe,
                 "also pack the checkpoint with this recipe in memory, unpack it, and report the gap")
      ->type_name("RECIPE")
      ->check(known_values(names_in(builtin_recipes())))
      ->group(kRoundTrip);
  add_scheme_options(app, options.roundtrip, kRoundTrip);
  add_budget_options(app, options.roundtrip, kRoundTrip);
  add_target_options(app, options.roundtrip, kRoundTrip);

  const std::string group = "Output";
  app.add_option("-o,--output", options.output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group(group);
  app.add_option(
         "--dump-nll", options.dump_nll,
         "write the loss in nats of each scored token of MODEL, after all post-processors, float32 in window "
         "order, as .npy: what golf-eval audit reads")
      ->type_name("FILE.npy")
      ->group(group);
  app.add_option("--resume", options.resume.file,
                 "continue from this file when it is there, and write it meanwhile; a killed evaluation goes "
                 "on with the same command")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--resume-every", options.resume.seconds, "seconds between two writings of that file")
      ->type_name("SECONDS")
      ->default_str("60")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  line.retire_option("--collect-calibration", "golf-eval calibrate MODEL -o FILE.safetensors");
  line.retire_option("--calibrate-on-validation", "golf-eval calibrate --allow-validation");
}

void add_calibrate_command(CommandLine& line) {
  const auto shared = std::make_shared<CalibrateOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval calibrate",
          .usage = "MODEL -o FILE.safetensors --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Collects statistics of a model at work for golf-pack --calibration. They say how sensitive "
              "the loss is to errors in each input and output channel of each matrix. The text must be "
              "training text.",
          .examples = "golf-eval calibrate final.safetensors -o calibration.safetensors \\\n"
                      "  --data data/ --tokenizer fineweb_1024_bpe.model",
      },
      [shared](const CommonOptions& common) {
        check_together(*shared, common);
        return calibrate_model(*shared, common);
      });
  CalibrateOptions& options = *shared;
  add_model_options(app, options.model,
                    "checkpoint (safetensors, torch .pt) or artifact; - reads standard input");
  add_data_options(app, options.text);
  add_other_tokenizer_flag(app, options.text);
  add_validation_flag(app, options.allow_validation);
  app.add_option("--seq-len", options.seq_len, "tokens in one window")
      ->type_name("TOKENS")
      ->default_str("the model's own")
      ->check(at_least(1))
      ->group("Data");
  app.add_option("-o,--output", options.output, "calibration to write, whole or not at all")
      ->type_name("FILE.safetensors")
      ->required()
      ->group("Output");
}

void add_sweep_command(CommandLine& line) {
  const auto shared = std::make_shared<SweepOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval sweep",
          .usage = "MODEL --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Packs a checkpoint with several global step scales and measures the quantization gap of each "
              "artifact. No artifact is written. golf-pack sweep only predicts the gap and is faster.",
          .examples = "golf-eval sweep final.safetensors --data data/ --tokenizer fineweb_1024_bpe.model \\\n"
                      "  --max-tokens 131072 --calibration calibration.safetensors --svg sweep.svg",
          .gate = kByteCheckGate,
      },
      [shared](const CommonOptions& common) {
        check_together(*shared);
        return sweep_model(*shared, common);
      });
  SweepOptions& options = *shared;
  options.pack.recipe = kDefaultRecipe;
  add_model_options(app, options.model, "checkpoint (safetensors, torch .pt); - reads standard input");
  add_data_options(app, options.text);
  add_other_tokenizer_flag(app, options.text);
  add_range_options(app, options.range);
  add_adapt_option(app, options.adapt, options.pack, "Adaptation (score first, then learn)");
  app.add_option("--svg", options.svg, "draw bytes against error and against the gap")
      ->type_name("FILE")
      ->group("Sweep");
  add_recipe_option(app, options.pack, kDefaultRecipe, "Quantization");
  add_scheme_options(app, options.pack, "Quantization");
  add_budget_options(app, options.pack, "Budget");
}

}  // namespace golf
