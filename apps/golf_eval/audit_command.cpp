#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/score/loss_audit.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_views.h"

namespace golf {
namespace {

struct AuditOptions {
  std::string losses;
  DataOptions text;
  WindowOptions windows;
  std::string output;
};

std::string to_text(const LossAudit& report, const Style& style) {
  ResultTable table;
  table.add("-", report.result);
  std::string text = table.render(style) + "\n" + identity_text(*report.data) +
                     byte_count_text(report.byte_count) + coverage_text(report.result);
  if (report.zero > 0) text += fmt::format("losses of exactly 0: {}\n", report.zero);
  if (report.negative > 0) {
    text += style.yellow(fmt::format("losses below 0, which no probability has: {}", report.negative)) + "\n";
  }
  text += "\n" + to_text(report.losses, style) + "\n" + data_text(*report.data, style);
  return text;
}

ExitCode run_audit(const AuditOptions& options, const CommonOptions& common) {
  const std::vector<std::string> inputs = checked_inputs(
      {{"LOSSES", options.losses}, {"--data", options.text.data}, {"--tokenizer", options.text.tokenizer}});
  if (options.windows.modes.size() != 1) {
    throw UsageError("--mode: a dump holds the losses of one mode: give standard or sliding");
  }
  options.windows.check();
  if (!options.output.empty()) check_output(options.output, inputs, /*binary=*/false);

  const EvalData data = load_eval_data(options.text);
  Console console("golf-eval", common, options.output == "-");
  const EvalSettings settings = options.windows.settings(options.windows.modes.front(), EvalConfig{});
  plan_for(settings, data);
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  const LossAudit report = audit_losses(options.losses, read_file(options.losses), settings, data);
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
