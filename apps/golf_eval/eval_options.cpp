#include "golf_eval/eval_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/option_checks.h"
#include "common/output_file.h"
#include "common/run_main.h"
#include "golf_eval/commands.h"

namespace golf {
namespace {

/// What no single option can tell.
void check_together(const EvalOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = {options.model.model, options.text.data, options.text.tokenizer,
                                           options.paid_prefix};
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    throw UsageError("MODEL, --data, --tokenizer, --paid-prefix: only one of them can be standard input");
  }
  options.windows.check();
  if (!options.dump_nll.empty() && options.windows.modes.size() != 1) {
    throw UsageError("--dump-nll: needs exactly one --mode, as the file holds the losses of one");
  }
  if (options.dump_nll == "-" && (options.output == "-" || common.json)) {
    throw UsageError("--dump-nll: standard output can carry one thing: write one of them to a file");
  }
  if (options.keep_float_max && options.roundtrip.empty()) {
    throw UsageError("--keep-float-max: belongs to --roundtrip RECIPE");
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
  const std::vector<std::string> inputs = {options.model.model, options.text.data, options.text.tokenizer};
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    throw UsageError("MODEL, --data, --tokenizer: only one of them can be standard input");
  }
  check_output(options.output, inputs, /*binary=*/true);
  if (options.output == "-" && common.json) {
    throw UsageError("-o -: standard output can carry one thing: drop --json");
  }
}

void add_post_processor_options(CLI::App& app, EvalOptions& options) {
  const std::string group = "Score post-processors (legality in every result)";
  app.add_option("--ngram-cache", options.ngram_cache,
                 "mix in an n-gram cache of the tokens scored so far: hashed as PR 993 published it (not "
                 "normalized), or exact, a probability")
      ->type_name("KIND")
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

Adjustments EvalOptions::adjustments(const EvalConfig& defaults) const {
  Adjustments adjustments{.audit_positions = audit_positions};
  if (ngram_cache == "exact") adjustments.ngram_exact = defaults.ngram_exact;
  if (ngram_cache == "hashed") {
    adjustments.ngram_hashed = defaults.ngram_hashed;
    adjustments.ngram_hashed->buckets = ngram_buckets.value_or(defaults.ngram_hashed.buckets);
    adjustments.ngram_hashed->shards = cache_shards.value_or(defaults.ngram_hashed.shards);
  }
  return adjustments;
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
              "  --ngram-cache exact --audit-normalization 1000",
          .gate = kByteCheckGate,
          .libtorch_version = libtorch_version};
}

void add_eval_options(CommandLine& line) {
  const auto shared = std::make_shared<EvalOptions>();
  line.on_run([shared](const CommonOptions& common) {
    check_together(*shared, common);
    return evaluate_model(*shared, common);
  });
  EvalOptions& options = *shared;
  CLI::App& app = line.app();
  add_model_options(app, options.model,
                    "artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt); - reads standard input");
  add_data_options(app, options.text);
  add_window_options(app, options.windows, "the model's own", "the model's own");
  app.add_option("--batch-seqs", options.batch_seqs, "windows worked on at a time")
      ->type_name("N")
      ->default_str("the model's own")
      ->check(at_least(1))
      ->group("Windows");
  add_post_processor_options(app, options);

  std::string group = "Round trip";
  app.add_option("--roundtrip", options.roundtrip,
                 "also pack the checkpoint with this recipe in memory, unpack it, and report the gap")
      ->type_name("RECIPE")
      ->group(group);
  app.add_option("--keep-float-max", options.keep_float_max,
                 "with --roundtrip: elements up to which a tensor stays float")
      ->type_name("N")
      ->default_str("the recipe's own")
      ->check(at_least(0))
      ->group(group);

  group = "Output";
  app.add_option("-o,--output", options.output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group(group);
  app.add_option(
         "--dump-nll", options.dump_nll,
         "write the loss in nats of each scored token of MODEL, after all post-processors, float32 in window "
         "order, as .npy: what golf-eval audit reads")
      ->type_name("FILE.npy")
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
  app.add_flag("--allow-validation", options.allow_validation,
               "take validation shards too, for studies that are not submitted")
      ->group("Data");
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

}  // namespace golf
