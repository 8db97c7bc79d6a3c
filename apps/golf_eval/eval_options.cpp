#include "golf_eval/eval_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/option_checks.h"
#include "common/output_file.h"
#include "common/run_main.h"

namespace golf {
namespace {

constexpr const char* kExamples =
    "golf-eval model.golf --data 'data/fineweb_val_*.bin' --tokenizer fineweb_1024_bpe.model\n"
    "golf-eval final.safetensors --data data/ --tokenizer fineweb_1024_bpe.model \\\n"
    "  --mode standard,sliding --stride 64 --roundtrip baseline-int8 --json -o eval.json\n"
    "golf-eval model.golf --data data/ --tokenizer fineweb_1024_bpe.model --mode sliding \\\n"
    "  --ngram-cache exact --audit-normalisation 1000\n"
    "golf-eval final.safetensors --data data/ --tokenizer fineweb_1024_bpe.model \\\n"
    "  --collect-calibration calibration.safetensors";

ToolInfo tool_info(const std::string& libtorch_version) {
  return {.name = "golf-eval",
          .usage =
              "MODEL --data GLOB --tokenizer FILE [OPTIONS]\n"
              "       golf-eval audit LOSSES --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Measures a model's bits per byte on tokenised text. MODEL is an artifact or a checkpoint; "
              "its configuration comes from inside it. golf-eval audit recomputes a score from losses.",
          .examples = kExamples,
          .gate = "the proof of bytes failed: the tokenizer's tables do not count the bytes of the text",
          .libtorch_version = libtorch_version};
}

/// What no single option can tell.
void check_together(const EvalOptions& options) {
  const std::vector<std::string> inputs = {options.model, options.text.data, options.text.tokenizer,
                                           options.paid_prefix};
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    throw UsageError("MODEL, --data, --tokenizer, --paid-prefix: only one of them can be standard input");
  }
  if (!options.dump_nll.empty() && options.windows.modes.size() != 1) {
    throw UsageError("--dump-nll: needs exactly one --mode, as the file holds the losses of one");
  }
  if (options.dump_nll == "-" && (options.output == "-" || options.common.json)) {
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
  if (!options.collect_calibration.empty()) {
    const bool scores = !options.roundtrip.empty() || !options.dump_nll.empty() || !options.output.empty() ||
                        !options.ngram_cache.empty() || !options.paid_prefix.empty();
    if (scores)
      throw UsageError("--collect-calibration: takes no options about scores: it evaluates nothing");
    check_output(options.collect_calibration, inputs, /*binary=*/true);
    if (options.collect_calibration == "-" && options.common.json) {
      throw UsageError("--collect-calibration -: standard output can carry one thing: drop --json");
    }
  } else if (options.calibrate_on_validation) {
    throw UsageError("--calibrate-on-validation: belongs to --collect-calibration FILE");
  }
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);
  if (!options.dump_nll.empty()) check_output(options.dump_nll, inputs, /*binary=*/true);
}

void add_adjuster_options(CLI::App& app, EvalOptions& options) {
  const std::string group = "Adjusted scores (rule status in every result)";
  app.add_option("--ngram-cache", options.ngram_cache,
                 "mix in an n-gram cache of the tokens scored so far: hashed as PR 993 published it (not "
                 "normalised), or exact, a probability")
      ->type_name("KIND")
      ->group(group);
  app.add_option("--ngram-buckets", options.ngram_buckets,
                 "hashed: buckets of each table, a power of two [the model's own, 4194304]")
      ->type_name("N")
      ->check(at_least(1))
      ->group(group);
  app.add_option("--cache-shards", options.cache_shards,
                 "hashed: caches that start empty, as so many ranks had them [the model's own, 1]")
      ->type_name("N")
      ->check(at_least(1))
      ->group(group);
  app.add_option(
         "--paid-prefix", options.paid_prefix,
         "compressed first targets (golf-pack prefix): where it is right the loss is 0; its bytes are "
         "charged to the artifact")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--audit-normalisation", options.audit_positions,
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

std::variant<EvalOptions, ExitCode> parse_eval_options(int argc, const char* const* argv,
                                                       const std::string& libtorch_version) {
  EvalOptions options;
  CommandLine line(tool_info(libtorch_version));
  CLI::App& app = line.app();

  app.add_option("MODEL", options.model,
                 "artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt); - reads "
                 "standard input")
      ->required();
  add_data_options(line, options.text);
  add_window_options(line, options.windows, "the model's own", "the model's own");
  app.add_option("--batch-seqs", options.batch_seqs, "windows worked on at a time [the model's own]")
      ->type_name("N")
      ->check(at_least(1))
      ->group("Windows");
  add_adjuster_options(app, options);

  std::string group = "Model";
  app.add_option(
         "--model-config", options.model_config,
         "preset or JSON file, for a model that does not carry its configuration; wins over one that does")
      ->type_name("NAME|FILE")
      ->group(group);
  app.add_option("--roundtrip", options.roundtrip,
                 "also pack the checkpoint with this recipe in memory, unpack it, and report the gap")
      ->type_name("RECIPE")
      ->group(group);
  app.add_option("--keep-float-max", options.keep_float_max,
                 "with --roundtrip: elements up to which a tensor stays float [the recipe's own]")
      ->type_name("N")
      ->check(at_least(0))
      ->group(group);
  options.device = "auto";
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:INDEX")
      ->type_name("NAME")
      ->group(group);
  options.dtype = "auto";
  app.add_option("--dtype", options.dtype, "of matrix products: auto (bf16 on CUDA, else fp32), fp32 or bf16")
      ->type_name("NAME")
      ->group(group);

  group = "Output";
  app.add_option("-o,--output", options.output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group(group);
  app.add_option(
         "--dump-nll", options.dump_nll,
         "write the loss in nats of each scored token of MODEL, as adjusted, float32 in window order, "
         "as .npy: what golf-eval audit reads")
      ->type_name("FILE.npy")
      ->group(group);

  group = "Calibration";
  app.add_option("--collect-calibration", options.collect_calibration,
                 "instead of evaluating, write how much the loss minds errors in each matrix, by input and "
                 "by row, for golf-pack --calibration; takes training shards (of a folder: "
                 "fineweb_train_*.bin), 131,072 "
                 "tokens unless --max-tokens says otherwise")
      ->type_name("FILE.safetensors")
      ->group(group);
  app.add_flag("--calibrate-on-validation", options.calibrate_on_validation,
               "with --collect-calibration: take validation shards too, for studies that are not submitted")
      ->group(group);

  if (const auto status = line.parse(argc, argv)) return *status;
  options.common = line.common();
  check_together(options);
  return options;
}

}  // namespace golf
