#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/score/loss_dump.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_views.h"

namespace golf {
namespace {

/// A softmax in float32 can give a certain token a probability that much over 1.
constexpr double kRounding = 1e-5;

struct AuditOptions {
  std::string losses;
  DataOptions text;
  WindowOptions windows;
  std::string output;
};

struct AuditReport {
  Fingerprint losses = {};
  int64_t negative = 0;  ///< losses below 0: more than certainty
  int64_t zero = 0;      ///< exactly: a token that cost nothing
  const EvalData* data = nullptr;
  ByteCountCheck byte_count = {};
  EvalResult result = {};
  std::string impossible = {};  ///< why these are no losses; empty: they may be
};

Json to_json(const AuditReport& report) {
  Json losses = to_json(report.losses);
  losses["zero"] = report.zero;
  losses["negative"] = report.negative;
  return Json::object({{"schema", "golf.audit/1"},
                       {"version", project_version()},
                       {"commit", git_commit()},
                       {"losses", std::move(losses)},
                       {"data", data_json(*report.data)},
                       {"tokenizer", tokenizer_json(*report.data)},
                       {"byte_count_check", to_json(report.byte_count)},
                       {"result", to_json(report.result)}});
}

std::string to_text(const AuditReport& report, const Style& style) {
  ResultTable table;
  table.add("-", report.result);
  std::string text =
      table.render(style) + "\n" + byte_count_text(report.byte_count) + coverage_text(report.result);
  if (report.zero > 0) text += fmt::format("losses of exactly 0: {}\n", report.zero);
  if (report.negative > 0) {
    text += style.yellow(fmt::format("losses below 0, which no probability has: {}", report.negative)) + "\n";
  }
  text += "\n" + to_text(report.losses, style) + "\n" + data_text(*report.data, style);
  return text;
}

AuditReport audit(const AuditOptions& options, const EvalData& data) {
  const EvalSettings settings = options.windows.settings(options.windows.modes.front(), EvalConfig{});
  const WindowPlan plan = plan_for(settings, data);
  const Bytes file = read_file(options.losses);
  const std::string name = display_name(options.losses);
  const std::vector<double> losses = parse_loss_dump(file, name, plan);
  BpbTotals totals;
  try {
    totals = score_losses(losses, plan, data.text.view().first(plan.targets() + 1).bytes);
  } catch (const Error& error) {
    fail_within(name, error);
  }

  AuditReport report{.losses = {options.losses, file.size(), sha256_hex(file)},
                     .data = &data,
                     .byte_count = data.check_bytes(settings),
                     .result = make_result(settings, plan, totals, data.text),
                     .impossible = impossible_total(totals)};
  report.zero = std::count(losses.begin(), losses.end(), 0.0);
  report.negative = std::count_if(losses.begin(), losses.end(), [](double nll) { return nll < -kRounding; });
  report.result.legality = "not known: losses do not tell how they were made";
  report.result.stages = {{.name = "as given",
                           .legality = report.result.legality,
                           .val_loss = totals.val_loss(),
                           .val_bpb = totals.val_bpb()}};
  try {
    require_finite(report.result, "the program that wrote it went wrong");
  } catch (const Error& error) {
    fail_within(name, error);
  }
  return report;
}

ExitCode run_audit(const AuditOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = {options.losses, options.text.data, options.text.tokenizer};
  if (options.windows.modes.size() != 1) {
    throw UsageError("--mode: a dump holds the losses of one mode: give standard or sliding");
  }
  options.windows.check();
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    throw UsageError("LOSSES, --data, --tokenizer: only one of them can be standard input");
  }
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);

  const EvalData data = load_eval_data(options.text);
  Console console("golf-eval", common, options.output == "-");
  const EvalSettings settings = options.windows.settings(options.windows.modes.front(), EvalConfig{});
  plan_for(settings, data);
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  const AuditReport report = audit(options, data);
  if (!report.impossible.empty()) {
    console.refuse(fmt::format("{}: {}", display_name(options.losses), report.impossible));
    return ExitCode::kCheckFailed;
  }
  return print_results(options.output, common.json, to_json(report), to_text(report, console.style()),
                       report.byte_count, console);
}

}  // namespace

void add_audit_command(CommandLine& line) {
  const auto options = std::make_shared<AuditOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval audit",
          .usage = "LOSSES --data GLOB --tokenizer FILE [OPTIONS]",
          .description =
              "Recomputes loss and bits per byte from a per-token loss dump of any program. Checks the "
              "dump's length against the windows, and the byte count that the loss is divided by. Runs no "
              "model.",
          .examples = "golf-eval audit nll.npy --data data/ --tokenizer fineweb_1024_bpe.model\n"
                      "golf-eval audit nll.f32 --data data/ --tokenizer fineweb_1024_bpe.model \\\n"
                      "  --mode sliding --seq-len 2048 --stride 64 --window-policy pr993 --json",
          .gate = std::string(kByteCheckGate) + "; or the losses sum to less than 0",
      },
      [options](const CommonOptions& common) { return run_audit(*options, common); });
  const EvalConfig defaults;
  app.add_option("LOSSES", options->losses,
                 "nats, one for each scored token in window order: .npy or raw, float32 or float64; - reads "
                 "standard input")
      ->required();
  add_data_options(app, options->text);
  add_text_options(app, options->text);
  add_window_options(app, options->windows, fmt::format("{}", defaults.seq_len),
                     fmt::format("{}", defaults.stride));
  app.add_option("-o,--output", options->output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
