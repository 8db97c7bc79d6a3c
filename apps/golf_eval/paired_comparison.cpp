#include "golf_eval/paired_comparison.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <numbers>

#include "common/option_checks.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/score/loss_dump.h"
#include "golf/stats/block_bootstrap.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/scored_targets.h"

namespace golf {
namespace {

constexpr const char* kPairedGroup = "Two loss dumps (--paired)";

struct LossFile {
  Fingerprint file;
  std::vector<double> losses;
  BpbTotals totals = {};
};

LossFile read_losses(const std::string& path, const WindowPlan& plan, const TextView& text) {
  const Bytes bytes = read_file(path);
  const std::string name = display_name(path);
  LossFile read{.file = fingerprint(path, bytes), .losses = parse_loss_dump(bytes, name, plan)};
  try {
    read.totals = score_losses(read.losses, plan, text.bytes);
    if (const std::string reason = impossible_total(read.totals); !reason.empty()) {
      fail(ErrorCode::kCorruptData, reason);
    }
    if (read.totals.first_nonfinite_target) {
      fail(ErrorCode::kCorruptData,
           fmt::format("the loss of target {} is not a finite number", *read.totals.first_nonfinite_target));
    }
  } catch (const Error& error) {
    fail_within(name, error);
  }
  return read;
}

Json losses_json(const LossFile& losses) {
  Json json = to_json(losses.file);
  json["val_loss"] = losses.totals.val_loss();
  json["val_bpb"] = losses.totals.val_bpb();
  return json;
}

}  // namespace

void PairedOptions::refuse_unpaired() const {
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_group() != kPairedGroup || option->count() == 0 || option->get_name() == "--paired")
      continue;
    throw UsageError(fmt::format("{}: belongs to --paired", option->get_name()));
  }
}

void add_paired_options(CLI::App& app, PairedOptions& options) {
  options.app = &app;
  app.add_flag("--paired", options.wanted,
               "SCORE and --against are loss dumps (golf-eval --dump-nll) over the same windows of one text")
      ->group(kPairedGroup);
  app.add_option("--data", options.text.data,
                 "token shards: a glob, a file, or a folder of " + options.text.shards_of_folder)
      ->type_name("GLOB")
      ->group(kPairedGroup);
  app.add_option("--tokenizer", options.text.tokenizer, "the SentencePiece model the shards were made with")
      ->type_name("FILE")
      ->group(kPairedGroup);
  app.add_option("--max-tokens", options.text.max_tokens, "read only the first tokens of the stream; 0: all")
      ->type_name("TOKENS")
      ->check(at_least(0))
      ->capture_default_str()
      ->group(kPairedGroup);
  app.add_option("--seq-len", options.windows.seq_len, "tokens in one window")
      ->type_name("TOKENS")
      ->default_str(fmt::format("{}", EvalConfig{}.seq_len))
      ->check(at_least(1))
      ->group(kPairedGroup);
  app.add_option("--stride", options.windows.stride, "with --mode sliding: tokens between windows")
      ->type_name("TOKENS")
      ->default_str(fmt::format("{}", EvalConfig{}.stride))
      ->check(at_least(1))
      ->group(kPairedGroup);
  app.add_flag("--include-tail", options.windows.include_tail,
               "the dumps hold the tokens of a shorter last window")
      ->group(kPairedGroup);
  app.add_option("--draws", options.draws, "resampled texts")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{100}, int64_t{1'000'000}))
      ->group(kPairedGroup);
  app.add_option("--seed", options.seed, "of the resampling")
      ->type_name("N")
      ->capture_default_str()
      ->group(kPairedGroup);
}

ExitCode print_comparison(const std::string& output, const Json& json, const std::string& text, bool refuse,
                          Console& console, const CommonOptions& common) {
  const std::string document = json.dump(2) + "\n";
  if (!output.empty()) write_file_atomic(output, as_bytes(document));
  if (common.json) {
    if (output != "-") print_stdout(document);
  } else {
    console.report(text);
  }
  return refuse ? ExitCode::kCheckFailed : ExitCode::kDone;
}

ExitCode compare_paired(const std::string& losses, const std::string& others, const PairedOptions& options,
                        const ComparisonRequest& request, const CommonOptions& common) {
  if (options.text.data.empty() || options.text.tokenizer.empty()) {
    throw UsageError("--paired: needs --data and --tokenizer, which say where documents begin");
  }
  WindowOptions windows = options.windows;
  if (!request.mode.empty()) {
    windows.modes = {parse_option("--mode", [&] { return parse_eval_mode(request.mode); })};
  }
  windows.check();
  const EvalData data = load_eval_data(options.text);
  const EvalSettings settings = windows.settings(windows.modes.front(), EvalConfig{});
  const WindowPlan plan = plan_for(settings, data);
  const TextView text = data.text.view().first(plan.targets() + 1);
  Console console("golf-eval", common, request.output == "-");
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  const LossFile a = read_losses(losses, plan, text), b = read_losses(others, plan, text);
  std::vector<double> lower(a.losses.size());
  for (size_t i = 0; i < lower.size(); ++i) lower[i] = b.losses[i] - a.losses[i];
  const std::vector<DocumentSum> documents =
      sum_by_document(lower, targets_of(plan), text.bytes, text.document_starts());
  const auto bytes_a_token = static_cast<double>(a.totals.bytes) / static_cast<double>(a.totals.tokens);
  const double margin = request.margin(bytes_a_token);
  const BootstrapEstimate found = [&] {
    try {
      return bootstrap_documents(documents,
                                 request.in_nats ? ScoreUnit::kNatsPerToken : ScoreUnit::kBitsPerByte, margin,
                                 request.confidence, options.draws, options.seed, common.threads);
    } catch (const Error& error) {
      fail_within(display_name(options.text.data), error);
    }
  }();
  const bool significant = found.p < request.level;
  const std::string unit = request.in_nats ? "nats" : "bpb";
  const Json json = Json::object({{"schema", "golf.paired/1"},
                                  {"version", project_version()},
                                  {"commit", git_commit()},
                                  {"test", "block bootstrap over documents"},
                                  {"unit", unit},
                                  {"losses", losses_json(a)},
                                  {"against", losses_json(b)},
                                  {"data", data_json(data)},
                                  {"tokenizer", tokenizer_json(data)},
                                  {"documents", found.blocks},
                                  {"tokens", a.totals.tokens},
                                  {"bytes", a.totals.bytes},
                                  {"margin", margin},
                                  {"difference", found.value},
                                  {"standard_error", found.standard_error},
                                  {"interval", Json::array({found.low, found.high})},
                                  {"confidence", found.confidence},
                                  {"draws", found.draws},
                                  {"seed", options.seed},
                                  {"p", found.p},
                                  {"level", request.level},
                                  {"significant", significant}});
  const auto score = [&](const LossFile& each) {
    return request.in_nats ? each.totals.val_loss() : each.totals.val_bpb();
  };
  const std::string shown = fmt::format(
      "{}: {:.6f} {}\n{}: {:.6f} {}\n{} documents, {} tokens\n"
      "lower by {:.6f} {}, standard error {:.6f}, {:g} % interval {:.6f} to {:.6f}\n"
      "by more than {:.6f} {}: one-sided p = {:.3g} ({} resampled texts)\n{}: p is {} {:g}\n"
      "this is what another text would change, not another seed\n",
      display_name(losses), score(a), unit, display_name(others), score(b), unit,
      with_separators(found.blocks), with_separators(a.totals.tokens), found.value, unit,
      found.standard_error, 100 * found.confidence, found.low, found.high, margin, unit, found.p,
      with_separators(found.draws), significant ? "significant" : "not significant",
      significant ? "below" : "not below", request.level);
  return print_comparison(request.output, json, shown, request.check && !significant, console, common);
}

}  // namespace golf
