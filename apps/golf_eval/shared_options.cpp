#include "golf_eval/shared_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/text/known_data.h"

namespace golf {
namespace {

std::vector<EvalMode> parse_modes(const std::vector<std::string>& names) {
  std::vector<EvalMode> modes;
  for (const std::string& name : names) {
    const EvalMode mode = parse_option("--mode", [&] { return parse_eval_mode(name); });
    if (std::find(modes.begin(), modes.end(), mode) == modes.end()) modes.push_back(mode);
  }
  return modes;
}

}  // namespace

void add_data_options(CLI::App& app, DataOptions& options) {
  const std::string group = "Data";
  app.add_option("--data", options.data,
                 "token shards: a glob, a file, or a folder of " + options.shards_of_folder)
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
}

void add_other_tokenizer_flag(CLI::App& app, DataOptions& options) {
  app.add_flag("--allow-other-tokenizer", options.allow_other_tokenizer,
               "take a tokenizer that is not the one recorded in MODEL or its run folder")
      ->group("Data");
}

void add_text_options(CLI::App& app, DataOptions& options) {
  const std::string group = "Data";
  app.add_option("--text", options.text_file,
                 "the text itself, one document a line: its bytes are compared with the counted ones")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--known-data", options.known_data,
                 "further tokenizers and texts that the report recognizes, in the form of --list-known-data")
      ->type_name("FILE.json")
      ->group(group);
  app.add_flag_function(
         "--list-known-data",
         [](int64_t) { throw CLI::CallForVersion(to_json(KnownData::load()).dump(2), 0); },
         "print the tokenizers and texts that the report recognizes, as JSON, and exit")
      ->trigger_on_parse()
      ->group(group);
}

void add_window_options(CLI::App& app, WindowOptions& options, const std::string& seq_len_default,
                        const std::string& stride_default) {
  const std::string group = "Windows";
  app.add_option_function<std::vector<std::string>>(
         "--mode", [&options](const std::vector<std::string>& names) { options.modes = parse_modes(names); },
         "standard (back to back), sliding, documents (packed, attention inside documents), streaming "
         "(attention to the last sequence's length), or several")
      ->type_name("MODE[,MODE]")
      ->check(known_values({mode_names().begin(), mode_names().end()}))
      ->delimiter(',')
      ->default_str("standard")
      ->group(group);
  app.add_option("--seq-len", options.seq_len, "tokens in one window")
      ->type_name("TOKENS")
      ->default_str(seq_len_default)
      ->check(at_least(1))
      ->group(group);
  app.add_option("--stride", options.stride, "with --mode sliding: tokens between windows")
      ->type_name("TOKENS")
      ->default_str(stride_default)
      ->check(at_least(1))
      ->group(group);
  app.add_option_function<std::string>(
         "--window-policy",
         [&options](const std::string& name) {
           options.policy = parse_option("--window-policy", [&] { return window_policy(name); });
         },
         fmt::format("with --mode sliding: which targets a window scores: {}",
                     fmt::join(policy_names(), ", ")))
      ->type_name("NAME")
      ->check(known_values({policy_names().begin(), policy_names().end()}))
      ->default_str("once")
      ->group(group);
  app.add_option("--pack-seqs", options.pack_seqs,
                 "with --mode documents: sequences in one packed sequence; streaming: in a chunk")
      ->type_name("N")
      ->default_str("32, streaming 8")
      ->check(at_least(1))
      ->group(group);
  app.add_flag("--include-tail", options.include_tail,
               "score the tokens beyond the last whole sequence too, in a shorter window")
      ->group(group);
}

namespace {

/// Returns --dtype, whose help is the caller's.
CLI::Option* add_options_of_model(CLI::App& app, ModelOptions& options, const std::string& model_help) {
  const std::string group = "Model";
  app.add_option("MODEL", options.model, model_help)->required();
  app.add_option(
         "--model-config", options.config,
         "preset or JSON file, for a model that does not carry its configuration; wins over one that does")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group(group);
  add_key_option(app, options.key, "Model");
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:INDEX")
      ->type_name("NAME")
      ->check(known_values({"auto", "cpu", "cuda"}))
      ->group(group);
  CLI::Option* dtype = app.add_option("--dtype", options.dtype)
                           ->type_name("NAME")
                           ->check(known_values({"auto", "fp32", "bf16", "int8"}))
                           ->group(group);
  app.add_option("--flash-attention", options.flash_attention,
                 "on a GPU in bf16: the library of FlashAttention-3, which then computes attention")
      ->type_name("FILE")
      ->group(group);
  return dtype;
}

}  // namespace

void add_model_options(CLI::App& app, ModelOptions& options, const std::string& model_help) {
  add_options_of_model(app, options, model_help)
      ->description("of matrix products: auto (bf16 on CUDA, else fp32), fp32, bf16, or int8 on a CPU");
}

void add_measured_model_options(CLI::App& app, ModelOptions& options, const std::string& model_help) {
  options.dtype.clear();
  add_options_of_model(app, options, model_help)
      ->description(
          "of matrix products: fp32, bf16, int8 (on a CPU), or auto: the fastest within --dtype-tolerance of "
          "fp32, as measured at the start")
      ->default_str("fp32, on CUDA bf16");
}

void WindowOptions::check() const {
  const auto asked = [&](EvalMode mode) {
    return std::find(modes.begin(), modes.end(), mode) != modes.end();
  };
  if (pack_seqs && !asked(EvalMode::kDocuments) && !asked(EvalMode::kStreaming)) {
    throw UsageError("--pack-seqs: belongs to --mode documents and --mode streaming");
  }
  if (asked(EvalMode::kSliding) || (!stride && !policy)) return;
  throw UsageError(fmt::format("{}: only sliding windows have one: give --mode sliding, or leave it out",
                               stride ? "--stride" : "--window-policy"));
}

EvalSettings WindowOptions::settings(EvalMode mode, const EvalConfig& defaults) const {
  EvalSettings settings{
      .mode = mode,
      .seq_len = seq_len.value_or(defaults.seq_len),
      // A default stride must not make a short --seq-len an error.
      .stride = stride.value_or(std::min(defaults.stride, seq_len.value_or(defaults.seq_len))),
      .policy = policy.value_or(window_policy("once")),
      .pack_seqs = pack_seqs.value_or(default_pack_seqs(mode)),
      .include_tail = include_tail,
      .batch_seqs = defaults.batch_seqs};
  if (mode == EvalMode::kStreaming && settings.pack_seqs < 2) {
    throw UsageError(
        "--pack-seqs: a chunk of --mode streaming has at least 2 sequences, of which one is new");
  }
  if (mode == EvalMode::kSliding && settings.stride > settings.seq_len) {
    throw UsageError(
        fmt::format("--stride: {} is more than the sequence length {}", settings.stride, settings.seq_len));
  }
  return settings;
}

}  // namespace golf
