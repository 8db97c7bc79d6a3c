#include "golf_train/train_command.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cstdlib>

#include "common/console.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/error.h"
#include "golf_train/train_options.h"

namespace golf {
namespace {

std::string config_text(const ConfigBuilder& builder, const Style& style) {
  TextTable table({{"key", Align::kLeft}, {"value", Align::kLeft}, {"origin", Align::kLeft}});
  for (const ConfigEntry& entry : builder.entries()) table.add({entry.key, entry.value.dump(), entry.origin});
  return table.render(style);
}

std::string count(int64_t value) { return with_separators(static_cast<uint64_t>(value)); }

std::string report_text(const TrainReport& report, const std::string& run_dir, const Style& style) {
  const BudgetReport& budget = report.budget;
  std::string text = fmt::format("{}: {} steps, {} tokens in {:.1f} s", style.bold(run_dir),
                                 count(report.steps), count(report.tokens), report.train_seconds);
  if (report.train_seconds > 0) {
    text += fmt::format(" ({:.0f} tokens/s)", static_cast<double>(report.tokens) / report.train_seconds);
  }
  text += report.stopped_by_clock ? ", stopped by the clock\n" : "\n";
  text +=
      fmt::format("val_bpb {:.4f}, after {} and {} {:.4f} ({:+.6f})\n", report.before.val_bpb, report.recipe,
                  report.codec, report.after.val_bpb, report.after.val_bpb - report.before.val_bpb);
  text += fmt::format("{}: {} bytes, with code {} of {}, {} {}\n", report.artifact_path,
                      with_separators(budget.artifact_bytes), with_separators(budget.total_bytes()),
                      with_separators(budget.limit_bytes), count(std::abs(budget.margin_bytes())),
                      budget.fits() ? "left" : style.red("over"));
  return text;
}

ExitCode run(TrainOptions options, Console& console) {
  const ConfigBuilder builder = build_config(options, environment_variable);
  const TrainConfig config = builder.build();
  if (options.print_config) {
    options.common.json ? console.result_json(to_json(config))
                        : console.result(config_text(builder, console.style()));
    return ExitCode::kDone;
  }

  options.job.progress = console.progress();
  options.job.on_log = [&](const std::string& line) { console.note(line); };
  const TrainReport report = train(config, options.job);
  if (options.common.json) {
    console.result_json(to_json(report));
  } else {
    console.result(report_text(report, options.job.run_dir, console.style()));
  }
  if (report.budget.fits()) return ExitCode::kDone;
  console.refuse(fmt::format("{}: artifact and code are {} bytes over the limit of {}", report.artifact_path,
                             count(-report.budget.margin_bytes()),
                             with_separators(report.budget.limit_bytes)));
  return ExitCode::kGateSaidNo;
}

}  // namespace

ExitCode train_command(int argc, const char* const* argv) {
  auto parsed = parse_train_options(argc, argv);
  if (const auto* status = std::get_if<ExitCode>(&parsed)) return *status;
  auto& options = std::get<TrainOptions>(parsed);
  Console console("golf-train", options.common);
  try {
    return run(std::move(options), console);
  } catch (const c10::Error& error) {  // LibTorch: out of device memory, a lost device
    fail(ErrorCode::kRunFailed, error.what_without_backtrace());
  }
}

}  // namespace golf
