#include "golf_train/train_command.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "common/console.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf_train/process.h"

namespace golf {
namespace {

std::string config_text(const ConfigBuilder& builder, const Style& style) {
  TextTable table(
      {{"key", Align::kLeft}, {"value", Align::kLeft, Fit::kWrap}, {"origin", Align::kLeft, Fit::kShorten}});
  for (const ConfigEntry& entry : builder.entries()) table.add({entry.key, entry.value.dump(), entry.origin});
  return table.render(style);
}

std::string report_text(const TrainReport& report, const std::string& run_dir, const Style& style) {
  const BudgetReport& budget = report.budget;
  std::string text =
      fmt::format("{}: {} steps, {} tokens in {:.1f} s", style.bold(run_dir), with_separators(report.steps),
                  with_separators(report.tokens), report.train_seconds);
  if (report.train_seconds > 0) {
    text += fmt::format(" ({:.0f} tokens/s)", static_cast<double>(report.tokens) / report.train_seconds);
  }
  text += report.stopped_by_clock ? ", stopped by the clock\n" : "\n";
  text +=
      fmt::format("val_bpb {:.4f}, after {} and {} {:.4f} ({:+.6f})\n", report.before.val_bpb, report.recipe,
                  report.codec, report.after.val_bpb, report.after.val_bpb - report.before.val_bpb);
  if (report.adapted) text += fmt::format("val_bpb {:.4f} adapted\n", report.adapted->val_bpb);
  if (const Json* predicted = report.packing.find("predicted_gap_bpb")) {
    text += fmt::format("predicted quantization gap: {:.6f} bpb\n", predicted->as_double());
  }
  text += fmt::format("{}: {} bytes, with code {} of {}, {} {}\n", report.artifact_path,
                      with_separators(budget.artifact_bytes), with_separators(budget.total_bytes()),
                      with_separators(budget.limit_bytes), with_separators(std::abs(budget.margin_bytes())),
                      budget.fits() ? "left" : style.red("over"));
  return text;
}

std::string stopped_text(const TrainReport& report, const std::string& run_dir) {
  return fmt::format("{}: stopped by {} after step {}: the same command with --resume continues from there",
                     run_dir, report.stop == SIGINT ? "SIGINT" : "SIGTERM", with_separators(report.steps));
}

/// Whether --resume finds a finished run of this configuration, of which nothing is left to do. A loop that
/// queues a run again until it succeeds ends there.
bool is_finished(const TrainJob& job, const TrainConfig& config) {
  std::error_code ignored;
  const std::filesystem::path folder(job.run_dir);
  if (job.start != RunStart::kContinue || !std::filesystem::exists(folder / "submission.json", ignored)) {
    return false;
  }
  const std::string made_with = (folder / "config.json").string();
  return std::filesystem::exists(made_with, ignored) &&
         read_json_file(made_with).dump() == to_json(config).dump();
}

void check_processes(int processes, const LaunchEnvironment& launch, const TrainConfig& config) {
  if (launch.ranks.world > 1) {
    throw UsageError(fmt::format("--nproc: {} has started {} ranks already: leave one of the two away",
                                 launch.launcher, launch.ranks.world));
  }
  if (config.data.grad_accum_steps % processes != 0) {
    throw UsageError(
        fmt::format("--nproc: {} ranks cannot share data.grad_accum_steps = {}: give a divisor of it",
                    processes, config.data.grad_accum_steps));
  }
}

ExitCode run(TrainOptions options, Console& console, const char* const* argv) {
  const BuiltConfig built = build_config(options, environment_variable);
  const TrainConfig config = built.builder.build();
  const auto warn = [&] {
    for (const std::string& line : built.warnings) console.warn(line);
  };
  if (options.print_config) {
    warn();
    options.common.json ? console.result_json(to_json(config))
                        : console.report(config_text(built.builder, console.style()));
    return ExitCode::kDone;
  }

  if (is_finished(options.job, config)) {
    console.note(
        fmt::format("{}: the run is finished, nothing is left to do", printable(options.job.run_dir)));
    return ExitCode::kDone;
  }
  LaunchEnvironment& launch = options.job.launch;
  launch = launch_environment(environment_variable);
  if (options.processes > 1 && !is_launched_rank(environment_variable)) {
    check_processes(options.processes, launch, config);
    const double grace_seconds = options.job.rank_timeout_seconds + 10;
    return static_cast<ExitCode>(launch_ranks(options.processes, grace_seconds, argv));
  }
  // The main thread may be waiting for the lost rank inside LibTorch for ever.
  options.job.on_lost_rank = [&](const std::string& why) {
    print_stderr(printable(fmt::format("golf-train: rank {}: {}", launch.ranks.rank, why), 4'095) + "\n");
    write_error_file(environment_variable, why);
    std::_Exit(static_cast<int>(ExitCode::kRunFailed));
  };

  // golf-train's own launcher sets the variable to what the ranks then use.
  const bool elsewhere = !launch.launcher.empty() && !is_launched_rank(environment_variable);
  if (elsewhere) options.job.omp_num_threads = environment_variable("OMP_NUM_THREADS").value_or("");

  const bool first = launch.ranks.rank == 0;
  if (first) warn();
  if (first) options.job.progress = console.progress();
  catch_stop_signals(first && !options.common.quiet);
  options.job.stop_requested = stop_signal;
  options.job.on_log = [&](const std::string& line) { console.log(line); };
  const TrainReport report = train(config, options.job);
  if (report.stop != 0) {
    if (first) console.refuse(stopped_text(report, options.job.run_dir));
    return report.stop == SIGINT ? ExitCode::kInterrupted : ExitCode::kTerminated;
  }
  if (!first) return ExitCode::kDone;
  if (options.common.json) {
    console.result_json(to_json(report));
  } else {
    console.report(report_text(report, options.job.run_dir, console.style()));
  }
  if (report.budget.fits()) return ExitCode::kDone;
  console.refuse(fmt::format("{}: artifact and code are {} bytes over the limit of {}", report.artifact_path,
                             with_separators(-report.budget.margin_bytes()),
                             with_separators(report.budget.limit_bytes)));
  return ExitCode::kCheckFailed;
}

}  // namespace

ExitCode train_command(int argc, const char* const* argv) {
  auto parsed = parse_train_options(argc, argv);
  if (const auto* status = std::get_if<ExitCode>(&parsed)) return *status;
  auto& options = std::get<TrainOptions>(parsed);
  Console console("golf-train", options.common);
  try {
    return run(std::move(options), console, argv);
  } catch (const c10::Error& error) {  // LibTorch: out of device memory, a lost device
    fail(ErrorCode::kRunFailed, error.what_without_backtrace());
  }
}

}  // namespace golf
