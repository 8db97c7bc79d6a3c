// The seeds of a submission together: as many as a record needs, of one configuration, each a run of its own.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "submission/check_tools.h"

namespace golf {
namespace {

void few_seeds(const CheckContext& context, CheckReport& report) {
  if (context.submission.track != Track::kRecord) return;
  std::set<std::string> runs;
  for (const SubmissionLog& log : context.submission.logs) {
    if (log.result() != nullptr) runs.insert(log.sha256);
  }
  if (runs.size() >= 3 || runs.empty()) return;
  report.add(
      fmt::format("{} log{} with a score of a packed model", runs.size(), runs.size() == 1 ? "" : "s"));
}

void seed_name_differs(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    const auto name = seed_in_name(log.file);
    if (!name || !log.seed || *name == log.seed->value) continue;
    report.add(fmt::format("the log is of seed {}, its name says {}", log.seed->value, *name), log.file,
               log.seed->line);
  }
}

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

/// What a script reads from its environment: "MATRIX_LR", in lower case. A log has other figures that look
/// like settings.
std::set<std::string> variables_of(const Submission& submission) {
  std::set<std::string> names;
  for (const SubmissionScript& script : submission.scripts) {
    for (const ScriptPlace& string : script.strings) {
      const bool is_variable =
          string.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
      if (is_variable && !string.text.empty()) names.insert(lower(string.text));
    }
  }
  return names;
}

/// Settings that differ from run to run without being part of the configuration.
bool is_of_the_run(const std::string& key) {
  constexpr std::array<std::string_view, 13> kParts = {"seed", "path",   "dir",    "file", "run",
                                                       "rank", "http",   "device", "name", "time",
                                                       "host", "output", "prefix"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return key.find(part) != std::string::npos; });
}

/// "matrix_lr 0.04 and 0.02", for what differs; `line` becomes that of the first.
std::vector<std::string> differences(const SubmissionLog& a, const SubmissionLog& b,
                                     const std::set<std::string>& variables, int64_t& line) {
  std::vector<std::string> found;
  const auto differ = [&](const std::string& name, const auto& left, const auto& right, int64_t at) {
    if (line == 0) line = at;
    found.push_back(fmt::format("{} {} and {}", name, left, right));
  };
  const auto number = [&](const char* name, const auto& left, const auto& right) {
    if (left && right && left->value != right->value) differ(name, left->value, right->value, right->line);
  };
  number("model_params", a.model_params, b.model_params);
  number("train_shards", a.train_shards, b.train_shards);
  number("val_tokens", a.val_tokens, b.val_tokens);
  number("world_size", a.world_size, b.world_size);
  for (const auto& [key, value] : b.settings) {
    const auto other = a.settings.find(key);
    if (other == a.settings.end() || other->second.value.starts_with(value.value)) continue;
    if (value.value.starts_with(other->second.value)) continue;  // a line that was cut
    if (const std::string name = lower(key); is_of_the_run(name) || !variables.contains(name)) continue;
    constexpr std::array<std::string_view, 4> kNamed = {"model_params", "train_shards", "val_tokens",
                                                        "world_size"};
    if (std::find(kNamed.begin(), kNamed.end(), key) != kNamed.end()) continue;
    differ(key, other->second.value.substr(0, 40), value.value.substr(0, 40), value.line);
  }
  return found;
}

void other_configuration(const CheckContext& context, CheckReport& report) {
  const std::set<std::string> variables = variables_of(context.submission);
  for (const auto& group : context.submission.seed_groups()) {
    for (size_t i = 1; i < group.size(); ++i) {
      int64_t line = 0;
      const std::vector<std::string> found = differences(*group[0], *group[i], variables, line);
      if (found.empty()) continue;
      std::string list;
      for (size_t k = 0; k < std::min<size_t>(found.size(), 6); ++k) list += (k == 0 ? "" : "; ") + found[k];
      report.add(fmt::format("not the configuration of {}: {}{}", group[0]->file, list,
                             and_more(found.size() - std::min<size_t>(found.size(), 6))),
                 group[i]->file, line);
    }
  }
}

void same_log(const CheckContext& context, CheckReport& report) {
  const std::vector<SubmissionLog>& logs = context.submission.logs;
  for (size_t i = 0; i < logs.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      const auto one = seed_in_name(logs[k].file), other = seed_in_name(logs[i].file);
      if (logs[i].sha256 != logs[k].sha256 || !one || !other || one == other) continue;
      report.add("byte for byte the log of another seed, " + logs[k].file, logs[i].file, 1);
      break;
    }
  }
}

void same_result(const CheckContext& context, CheckReport& report) {
  const std::vector<SubmissionLog>& logs = context.submission.logs;
  for (size_t i = 0; i < logs.size(); ++i) {
    const LoggedScore* result = logs[i].result();
    if (result == nullptr || !result->loss || result->bpb_decimals < 6) continue;
    for (size_t k = 0; k < i; ++k) {
      const LoggedScore* other = logs[k].result();
      const auto one = seed_of(logs[k]), two = seed_of(logs[i]);
      if (other == nullptr || !one || !two || one == two || logs[i].sha256 == logs[k].sha256) continue;
      if (other->bpb != result->bpb || other->loss != result->loss) continue;
      report.add(fmt::format("the result is that of seed {} in {} to the last digit", *one, logs[k].file),
                 logs[i].file, result->line);
      break;
    }
  }
}

void no_log_of_seed(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.record == nullptr) return;
  const bool any = std::any_of(submission.logs.begin(), submission.logs.end(),
                               [](const SubmissionLog& log) { return seed_of(log).has_value(); });
  if (!any) return;
  for (const SeedClaim& seed : submission.record->seeds()) {
    if (!logs_of_seed(submission, seed.seed).empty()) continue;
    report.add(fmt::format("there is no log of seed {}", seed.seed), submission.record->file(), seed.line);
  }
}

const std::array kChecks = {
    CheckRow{"PG451", "few-seeds", Severity::kInfo, "Fewer than three runs have a log (record track).",
             "Show three seeds, so that the margin can be tested.", few_seeds},
    CheckRow{"PG452", "seed-name-differs", Severity::kWarning,
             "A log's name and the log itself say different seeds.", "Rename the log, or ship the right one.",
             seed_name_differs},
    CheckRow{"PG453", "other-configuration", Severity::kWarning,
             "Logs that differ in the seed by name are of different configurations.",
             "Run all seeds with one configuration.", other_configuration},
    CheckRow{"PG454", "same-log", Severity::kError, "The logs of two seeds are one file.",
             "Ship each seed's own log.", same_log},
    CheckRow{"PG455", "no-log-of-seed", Severity::kWarning, "submission.json has a seed that no log is of.",
             "Ship its log.", no_log_of_seed},
    CheckRow{"PG456", "same-result", Severity::kWarning,
             "Two seeds ended with the same loss to the last digit.",
             "Check that the seed was passed on, and that the logs are not one run's.", same_result},
};

}  // namespace

std::span<const CheckRow> seed_checks() { return kChecks; }

}  // namespace golf
