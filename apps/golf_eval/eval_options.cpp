#include "golf_eval/eval_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

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
    "  --mode standard,sliding --stride 64 --roundtrip baseline-int8 --json -o eval.json";

ToolInfo tool_info() {
  return {.name = "golf-eval",
          .usage = "MODEL --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Measures a model's bits per byte on tokenised text. MODEL is an artifact or a checkpoint; "
              "its configuration comes from inside it.",
          .examples = kExamples,
          .libtorch_version = TORCH_VERSION};
}

std::vector<EvalMode> parse_modes(const std::vector<std::string>& names) {
  std::vector<EvalMode> modes;
  for (const std::string& name : names) {
    const EvalMode mode = parse_option("--mode", [&] { return parse_eval_mode(name); });
    if (std::find(modes.begin(), modes.end(), mode) == modes.end()) modes.push_back(mode);
  }
  return modes;
}

/// What no single option can tell.
void check_together(const EvalOptions& options) {
  if (options.model == "-" && options.data == "-") {
    throw UsageError("MODEL and --data: only one of them can be standard input");
  }
  if (!options.dump_nll.empty() && options.modes.size() != 1) {
    throw UsageError("--dump-nll: needs exactly one --mode, as the file holds the losses of one");
  }
  if (options.dump_nll == "-" && (options.output == "-" || options.common.json)) {
    throw UsageError("--dump-nll: standard output can carry one thing: write one of them to a file");
  }
  if (options.keep_float_max && options.roundtrip.empty()) {
    throw UsageError("--keep-float-max: belongs to --roundtrip RECIPE");
  }
  const std::vector<std::string> inputs = {options.model, options.data, options.tokenizer};
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);
  if (!options.dump_nll.empty()) check_output(options.dump_nll, inputs, /*binary=*/true);
}

}  // namespace

EvalSettings EvalOptions::settings(EvalMode mode, const EvalConfig& defaults) const {
  return {.mode = mode,
          .seq_len = seq_len.value_or(defaults.seq_len),
          // A default stride must not make a short --seq-len an error.
          .stride = stride.value_or(std::min(defaults.stride, seq_len.value_or(defaults.seq_len))),
          .policy = policy,
          .batch_seqs = batch_seqs.value_or(defaults.batch_seqs)};
}

std::variant<EvalOptions, ExitCode> parse_eval_options(int argc, const char* const* argv) {
  EvalOptions options;
  CommandLine line(tool_info());
  CLI::App& app = line.app();

  app.add_option("MODEL", options.model,
                 "artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt); - reads "
                 "standard input")
      ->required();
  std::string group = "Data";
  app.add_option("--data", options.data, "token shards: a glob, a file, or a folder of fineweb_val_*.bin")
      ->type_name("GLOB")
      ->required()
      ->group(group);
  app.add_option("--tokenizer", options.tokenizer, "the SentencePiece model the shards were made with")
      ->type_name("FILE")
      ->required()
      ->group(group);
  app.add_option("--max-tokens", options.max_tokens, "read only the first tokens of the stream; 0: all")
      ->type_name("TOKENS")
      ->check(at_least(0))
      ->group(group);

  group = "Evaluation";
  std::vector<std::string> modes = {"standard"};
  app.add_option("--mode", modes, "standard, sliding, or both")
      ->type_name("MODE[,MODE]")
      ->delimiter(',')
      ->default_str("standard")
      ->group(group);
  app.add_option("--seq-len", options.seq_len, "tokens in one window [the model's own]")
      ->type_name("TOKENS")
      ->check(at_least(1))
      ->group(group);
  app.add_option("--stride", options.stride, "tokens between sliding windows [the model's own]")
      ->type_name("TOKENS")
      ->check(at_least(1))
      ->group(group);
  std::string policy = "once";
  app.add_option("--window-policy", policy,
                 fmt::format("which targets a sliding window scores: {}", fmt::join(policy_names(), ", ")))
      ->type_name("NAME")
      ->group(group);
  app.add_option("--batch-seqs", options.batch_seqs, "windows worked on at a time [the model's own]")
      ->type_name("N")
      ->check(at_least(1))
      ->group(group);

  group = "Model";
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
  app.add_option("--dump-nll", options.dump_nll,
                 "write the loss in nats of each scored token of MODEL, float32 in window order, as .npy")
      ->type_name("FILE.npy")
      ->group(group);

  if (const auto status = line.parse(argc, argv)) return *status;
  options.common = line.common();
  options.modes = parse_modes(modes);
  options.policy = parse_option("--window-policy", [&] { return parse_window_policy(policy); });
  check_together(options);
  return options;
}

}  // namespace golf
