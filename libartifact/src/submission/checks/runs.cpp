// One run at a time: its time, its machine, its steps, its end, and whether it is of the script that is
// shipped.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "submission/check_tools.h"
#include "submission/text_lines.h"

namespace golf {
namespace {

constexpr double kTenMinutes = 600'000;  // milliseconds

bool is_record(const CheckContext& context) { return context.submission.track == Track::kRecord; }

void training_time(const CheckContext& context, CheckReport& report) {
  if (!is_record(context)) return;
  constexpr double kAllowed = 1.01 * kTenMinutes;  // the step that is under way is finished
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.train_ms || log.train_ms->value <= kAllowed) continue;
    report.add(fmt::format("training took {:.1f} seconds", log.train_ms->value / 1e3), log.file,
               log.train_ms->line);
  }
}

void evaluation_time(const CheckContext& context, CheckReport& report) {
  if (!is_record(context)) return;
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedScore* result = log.result();
    if (log.total_eval_ms && log.total_eval_ms->value > kTenMinutes) {
      report.add(fmt::format("evaluation took {:.1f} seconds", log.total_eval_ms->value / 1e3), log.file,
                 log.total_eval_ms->line);
    } else if (result != nullptr && result->eval_ms > kTenMinutes) {
      report.add(fmt::format("evaluation took {:.1f} seconds", result->eval_ms / 1e3), log.file,
                 result->line);
    }
  }
}

void time_cap(const CheckContext& context, CheckReport& report) {
  if (!is_record(context)) return;
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.wallclock_seconds || log.wallclock_seconds->value * 1e3 <= kTenMinutes) continue;
    report.add(fmt::format("max_wallclock_seconds is {}", log.wallclock_seconds->value), log.file,
               log.wallclock_seconds->line);
  }
}

void processes(const CheckContext& context, CheckReport& report) {
  if (!is_record(context)) return;
  for (const SubmissionLog& log : context.submission.logs) {
    if (log.world_size && log.world_size->value != 8) {
      report.add(fmt::format("world_size is {}", log.world_size->value), log.file, log.world_size->line);
    }
  }
}

void devices(const CheckContext& context, CheckReport& report) {
  if (!is_record(context)) return;
  for (const SubmissionLog& log : context.submission.logs) {
    for (const Logged<std::string>& gpu : log.gpus) {
      const bool other_form =
          gpu.value.find("PCIe") != std::string::npos || gpu.value.find("NVL") != std::string::npos;
      if (gpu.value.find("H100") != std::string::npos && !other_form) continue;
      report.add("the log's GPU is an NVIDIA " + gpu.value, log.file, gpu.line);
      break;
    }
  }
}

void steps_and_time(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.timed) continue;
    const TimedStep& timed = *log.timed;
    const auto steps = static_cast<double>(timed.step);
    double told = 0;  // milliseconds, by the speed
    if (timed.step_ms > 0) {
      told = steps * timed.step_ms;
    } else if (log.train_batch_tokens) {
      told = 1e3 * steps * static_cast<double>(log.train_batch_tokens->value) / timed.tokens_per_second;
    }
    // The mean is written to 0.01 ms, the time perhaps to a tenth of a minute only.
    const double allowed = 0.03 * timed.train_ms + 0.01 * steps + timed.train_ms_unit;
    if (told == 0 || std::abs(told - timed.train_ms) <= allowed) continue;
    report.add(fmt::format("{} steps at the speed beside them take {:.1f} seconds, not {:.1f}",
                           grouped(timed.step), told / 1e3, timed.train_ms / 1e3),
               log.file, timed.line);
  }
}

void json_steps(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const SubmissionRecord* record = submission.record.get();
  if (record == nullptr) return;
  double sum = 0;
  int count = 0;
  const auto is_logged = [&](double steps) {
    return std::any_of(submission.logs.begin(), submission.logs.end(), [&](const SubmissionLog& log) {
      return log.last_step && std::abs(static_cast<double>(log.last_step->value) - steps) <= 1;
    });
  };
  for (const SubmissionLog& log : submission.logs) {
    if (log.last_step) sum += static_cast<double>(log.last_step->value), ++count;
  }
  if (count == 0) return;
  const FoundField* field = record->find("step_stop");
  const auto steps = field == nullptr ? std::nullopt : field->number();
  if (steps && std::isfinite(*steps) && !is_logged(*steps) && std::abs(sum / count - *steps) > 1) {
    report.add(fmt::format("{} is {}; no log ends there", field->key, field->value->dump()), record->file(),
               field->line);
  }
  for (const SeedClaim& seed : record->seeds()) {
    if (!seed.steps || is_logged(static_cast<double>(*seed.steps))) continue;
    const auto logs = logs_of_seed(submission, seed.seed);
    if (logs.empty() || !logs[0]->last_step) continue;
    report.add(fmt::format("seed {} has {} steps here; {} ends at step {}", seed.seed, grouped(*seed.steps),
                           logs[0]->file, grouped(logs[0]->last_step->value)),
               record->file(), seed.line);
  }
}

void no_result(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.trains() || log.result() != nullptr || log.has_final_line) continue;
    report.add("the log ends without a score of the packed model", log.file, log.last_step->line);
  }
}

void not_finite(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    if (log.not_finite) report.add("a loss is " + log.not_finite->value, log.file, log.not_finite->line);
  }
}

void json_parameters(const CheckContext& context, CheckReport& report) {
  const SubmissionRecord* record = context.submission.record.get();
  const FoundField* field = record == nullptr ? nullptr : record->find("model_params");
  const auto claim = field == nullptr ? std::nullopt : field->number();
  if (!claim || !(*claim > 1e5)) return;
  const SubmissionLog* other = nullptr;
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.model_params) continue;
    if (std::abs(static_cast<double>(log.model_params->value) / *claim - 1) < 0.01) return;
    if (other == nullptr) other = &log;
  }
  if (other == nullptr) return;
  report.add(fmt::format("{} is {}; {}:{} has {}", field->key, field->value->dump(), other->file,
                         other->model_params->line, grouped(other->model_params->value)),
             record->file(), field->line);
}

/// Where a script and the source in a log part.
struct Difference {
  int64_t script_line = 0;  ///< from 1; 0: nowhere
  int64_t log_line = 0;     ///< from 1, in the source
};

bool is_import(std::string_view line) { return line.starts_with("import ") || line.starts_with("from "); }

/// The script may begin anywhere in the log's source: the two are held together by the script's first import,
/// what stands before it is not compared. Blanks at the ends of lines do not count.
Difference first_difference(const std::vector<std::string_view>& script,
                            const std::vector<std::string_view>& log) {
  constexpr int kMostPlaces = 8;
  const auto first =
      static_cast<size_t>(std::find_if(script.begin(), script.end(), is_import) - script.begin());
  if (first == script.size()) return {1, 1};
  Difference furthest{static_cast<int64_t>(first) + 1, 1};
  int places = 0;
  for (size_t offset = 0; offset < log.size() && places < kMostPlaces; ++offset) {
    if (trimmed(log[offset]) != trimmed(script[first])) continue;
    ++places;
    size_t i = first, at = offset;
    const auto same = [&] {
      return trimmed(script[i]) == (at < log.size() ? trimmed(log[at]) : std::string_view());
    };
    while (i < script.size() && same()) ++i, ++at;
    if (i == script.size()) return {};
    if (static_cast<int64_t>(i) < furthest.script_line) continue;
    furthest = {static_cast<int64_t>(i) + 1, static_cast<int64_t>(std::min(at, log.size() - 1)) + 1};
  }
  return furthest;
}

void other_source(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.main == nullptr) return;
  for (const SubmissionLog& log : submission.logs) {
    if (log.source.empty()) continue;
    const std::vector<std::string_view> logged = lines_of(log.source);
    Difference nearest;  // of the script that follows the log for longest
    std::string file;
    bool shipped = false;
    for (const SubmissionScript& script : submission.scripts) {
      const Difference found = first_difference(lines_of(script.source), logged);
      shipped |= found.script_line == 0;
      if (found.script_line > nearest.script_line) nearest = found, file = script.file;
    }
    if (shipped) continue;
    report.add(
        fmt::format(
            "the source in the log is no script of the folder: it differs from {} first in line {} of that",
            file, nearest.script_line),
        log.file, log.source_line + nearest.log_line - 1);
  }
}

const std::array kChecks = {
    CheckRow{"PG401", "training-time", Severity::kError, "Training took over ten minutes (record track).",
             "Train for 600 seconds at most, or submit to the other track.", training_time},
    CheckRow{"PG402", "evaluation-time", Severity::kError, "Evaluation took over ten minutes (record track).",
             "Evaluate within 600 seconds.", evaluation_time},
    CheckRow{"PG403", "time-cap", Severity::kWarning,
             "The cap on training time is set over ten minutes (record track).",
             "Run with max_wallclock_seconds of 600.", time_cap},
    CheckRow{"PG404", "processes", Severity::kWarning,
             "A run had another number of processes than 8 (record track).", "Run on eight GPUs.", processes},
    CheckRow{"PG405", "gpu", Severity::kWarning, "A run was on other GPUs than H100 SXM (record track).",
             "Run on 8×H100 SXM.", devices},
    CheckRow{"PG406", "steps-and-time", Severity::kWarning,
             "The steps of a log, its time and its speed do not belong together.",
             "Ship the log as it was written; say so when a run was resumed.", steps_and_time},
    CheckRow{"PG407", "json-steps-differ", Severity::kWarning,
             "The number of steps in submission.json is not where a log ends.",
             "Correct the number, or ship the log of that run.", json_steps},
    CheckRow{"PG408", "no-result", Severity::kWarning, "A training log has no score of the packed model.",
             "Ship the whole log.", no_result},
    CheckRow{"PG409", "not-finite", Severity::kWarning, "A loss in a log is not a finite number.",
             "Say why, and ship the log of a run without it.", not_finite},
    CheckRow{"PG410", "parameters-differ", Severity::kWarning,
             "The number of parameters in submission.json is not that of a log.",
             "Correct the number, or ship the log of that model.", json_parameters},
    CheckRow{"PG411", "other-source", Severity::kWarning,
             "The source code at the top of a log is not a script of the folder.",
             "Ship the script that was run.", other_source},
};

}  // namespace

std::span<const CheckRow> run_checks() { return kChecks; }

}  // namespace golf
