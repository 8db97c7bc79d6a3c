// Bytes: every seed against the cap, the log against its own sum, against submission.json and against what is
// shipped.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>

#include "submission/check_tools.h"

namespace golf {
namespace {

std::vector<const LoggedSize*> totals_of(const Submission& submission) {
  std::vector<const LoggedSize*> totals;
  for (const SubmissionLog& log : submission.logs) {
    if (const LoggedSize* total = log.total()) totals.push_back(total);
  }
  return totals;
}

/// Every way to count the shipped code.
std::set<int64_t> code_readings(const Submission& submission) {
  std::set<int64_t> readings = {reached_bytes(submission)};
  int64_t all = 0;
  for (const SubmissionScript& script : submission.scripts) {
    const auto bytes = static_cast<int64_t>(script.shipped_bytes);
    readings.insert(bytes);
    all += bytes;
  }
  readings.insert(all);
  return readings;
}

void over_cap(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedSize* total = log.total();
    if (total != nullptr && total->bytes > kSizeCap) {
      report.add("the log's total is " + over_cap_text(total->bytes), log.file, total->line);
    }
  }
}

void json_over_cap(const CheckContext& context, CheckReport& report) {
  const SubmissionRecord* record = context.submission.record.get();
  if (record == nullptr) return;
  const FoundField* field = record->find("bytes_total");
  const auto total = field == nullptr ? std::nullopt : field->number();
  if (total && *total > kSizeCap && *total < 1e15) {
    report.add(fmt::format("{} is {}", field->key, over_cap_text(std::llround(*total))), record->file(),
               field->line);
  }
  for (const SeedClaim& seed : record->seeds()) {
    if (seed.bytes && *seed.bytes > kSizeCap) {
      report.add(fmt::format("seed {} has {}", seed.seed, over_cap_text(*seed.bytes)), record->file(),
                 seed.line);
    }
  }
}

void thin_margin(const CheckContext& context, CheckReport& report) {
  constexpr int64_t kThin = 5000;
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedSize* total = log.total();
    if (total == nullptr || total->bytes > kSizeCap || total->bytes <= kSizeCap - kThin) continue;
    report.add(
        fmt::format("{} bytes: {} under the cap", grouped(total->bytes), grouped(kSizeCap - total->bytes)),
        log.file, total->line);
  }
}

/// What each distinct logged size of the code is told from.
template <class Report>
void each_logged_code(const Submission& submission, const Report& each) {
  std::set<int64_t> seen;
  for (const SubmissionLog& log : submission.logs) {
    const LoggedSize* last = nullptr;
    for (const LoggedSize& size : log.sizes) {
      // What a script compresses before it counts cannot be told from the folder.
      if (size.kind == LoggedSize::Kind::kCode && size.label != "compressed") last = &size;
    }
    if (last != nullptr && seen.insert(last->bytes).second) each(log, *last);
  }
}

bool is_unpacked_size(const Submission& submission, int64_t bytes) {
  return std::any_of(submission.scripts.begin(), submission.scripts.end(),
                     [&](const SubmissionScript& script) {
                       return script.wrapper && static_cast<int64_t>(script.wrapper->unpacked_bytes) == bytes;
                     });
}

void code_size_differs(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.main == nullptr) return;
  const std::set<int64_t> readings = code_readings(submission);
  each_logged_code(submission, [&](const SubmissionLog& log, const LoggedSize& size) {
    if (readings.contains(size.bytes) || is_unpacked_size(submission, size.bytes)) return;
    report.add(
        fmt::format("the log counts {} bytes of code; {} has {} as shipped", grouped(size.bytes),
                    submission.main->file, grouped(static_cast<int64_t>(submission.main->shipped_bytes))),
        log.file, size.line);
  });
}

void counts_unpacked(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.main == nullptr) return;
  const std::set<int64_t> readings = code_readings(submission);
  each_logged_code(submission, [&](const SubmissionLog& log, const LoggedSize& size) {
    if (readings.contains(size.bytes) || !is_unpacked_size(submission, size.bytes)) return;
    report.add(
        fmt::format("the log counts the unpacked source, {} bytes; {} has {} as shipped", grouped(size.bytes),
                    submission.main->file, grouped(static_cast<int64_t>(submission.main->shipped_bytes))),
        log.file, size.line);
  });
}

void total_not_sum(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedSize *total = log.total(), *model = nullptr;
    if (total == nullptr || total->label == "artifact") continue;
    for (const LoggedSize& size : log.sizes) {
      if (size.kind == LoggedSize::Kind::kModel && size.label == total->label) model = &size;
    }
    if (model == nullptr || model->label.empty()) continue;
    bool known = false, holds = false;
    for (const LoggedSize& size : log.sizes) {
      if (size.kind != LoggedSize::Kind::kCode) continue;
      known = true;
      holds |= model->bytes + size.bytes == total->bytes;
    }
    if (known && !holds) {
      report.add(
          fmt::format(
              "the total of {} bytes is not the model's {} and any size of the code that the log gives",
              grouped(total->bytes), grouped(model->bytes)),
          log.file, total->line);
    }
  }
}

void json_total_differs(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const SubmissionRecord* record = submission.record.get();
  const FoundField* field = record == nullptr ? nullptr : record->find("bytes_total");
  const auto claim = field == nullptr ? std::nullopt : field->number();
  const std::vector<const LoggedSize*> totals = totals_of(submission);
  if (!claim || totals.empty()) return;
  double sum = 0;
  for (const LoggedSize* total : totals) sum += static_cast<double>(total->bytes);
  bool found = std::abs(sum / static_cast<double>(totals.size()) - *claim) <= 1;
  for (const SubmissionLog& log : submission.logs) {
    for (const LoggedSize& size : log.sizes) {
      found |=
          size.kind == LoggedSize::Kind::kTotal && std::abs(static_cast<double>(size.bytes) - *claim) <= 1;
    }
  }
  for (const auto& group : submission.seed_groups()) {
    double group_sum = 0;
    int count = 0;
    for (const SubmissionLog* log : group) {
      if (const LoggedSize* total = log->total()) group_sum += static_cast<double>(total->bytes), ++count;
    }
    found |= count > 0 && std::abs(group_sum / count - *claim) <= 1;
  }
  if (found || std::abs(*claim) > 1e15) return;
  report.add(fmt::format("{} is {}; the logs' totals are {}{}", field->key, grouped(std::llround(*claim)),
                         grouped(totals[0]->bytes), and_more(totals.size() - 1)),
             record->file(), field->line);
}

void json_code_differs(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const SubmissionRecord* record = submission.record.get();
  const FoundField* field = record == nullptr ? nullptr : record->find("bytes_code");
  const auto claim = field == nullptr ? std::nullopt : field->number();
  if (!claim || submission.main == nullptr || !(std::abs(*claim) < 1e15)) return;
  const int64_t bytes = std::llround(*claim);
  bool found = code_readings(submission).contains(bytes);
  for (const SubmissionLog& log : submission.logs) {
    for (const LoggedSize& size : log.sizes)
      found |= size.kind == LoggedSize::Kind::kCode && size.bytes == bytes;
  }
  if (found) return;
  report.add(fmt::format("{} is {}; {} has {} bytes as shipped, and no log counts {}", field->key,
                         grouped(bytes), submission.main->file,
                         grouped(static_cast<int64_t>(submission.main->shipped_bytes)), grouped(bytes)),
             record->file(), field->line);
}

void shipped_over_cap(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.main == nullptr) return;
  const int64_t code = reached_bytes(submission);
  std::vector<const SubmissionLog*> over;
  for (const SubmissionLog& log : submission.logs) {
    const LoggedSize *total = log.total(), *model = log.model();
    if (total == nullptr || model == nullptr) continue;
    if (total->bytes <= kSizeCap && model->bytes + code > kSizeCap) over.push_back(&log);
  }
  if (over.empty()) return;
  const SubmissionLog& log = *over[0];
  report.add(fmt::format("with the {} bytes of code as shipped ({}{}) the total is {}; the log says {}{}",
                         grouped(code), submission.main->file, and_more(submission.reached.size() - 1),
                         over_cap_text(log.model()->bytes + code), grouped(log.total()->bytes),
                         and_more(over.size() - 1)),
             log.file, log.total()->line);
}

void no_size(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const auto trains = [](const SubmissionLog& log) { return log.trains(); };
  if (std::none_of(submission.logs.begin(), submission.logs.end(), trains)) return;
  const auto is_rounded = [](const SubmissionLog& log) { return log.rounded_total.has_value(); };
  if (std::any_of(submission.logs.begin(), submission.logs.end(), is_rounded)) return;
  if (totals_of(submission).empty()) report.add("no log of a training run gives the submission's size");
}

void rounded_over_cap(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    if (!log.rounded_total || log.total() != nullptr) continue;
    const RoundedSize& size = *log.rounded_total;
    if (!(size.least_bytes > static_cast<double>(kSizeCap)) || size.least_bytes > 1e15) continue;
    report.add(fmt::format("the log's total is {}, at least {}", size.written,
                           over_cap_text(std::llround(size.least_bytes))),
               log.file, size.line);
  }
}

void seed_bytes_differ(const CheckContext& context, CheckReport& report) {
  const SubmissionRecord* record = context.submission.record.get();
  if (record == nullptr) return;
  for (const SeedClaim& seed : record->seeds()) {
    if (!seed.bytes) continue;
    int64_t logged = -1;
    bool found = false;
    for (const SubmissionLog* log : logs_of_seed(context.submission, seed.seed)) {
      for (const LoggedSize& size : log->sizes) {
        if (size.kind == LoggedSize::Kind::kTotal) logged = size.bytes;
        found |= size.bytes == *seed.bytes && size.kind != LoggedSize::Kind::kCode;
      }
    }
    if (logged < 0 || found) continue;
    report.add(fmt::format("seed {} has {} bytes here and {} in its log", seed.seed, grouped(*seed.bytes),
                           grouped(logged)),
               record->file(), seed.line);
  }
}

const std::array kChecks = {
    CheckRow{"PG101", "over-cap", Severity::kError, "A log's total is over 16,000,000 bytes.",
             "Make the artifact or the code smaller; each seed counts, not the mean.", over_cap},
    CheckRow{"PG102", "json-over-cap", Severity::kError,
             "submission.json names a size over 16,000,000 bytes.",
             "Make the artifact or the code smaller, or correct the number.", json_over_cap},
    CheckRow{"PG103", "thin-margin", Severity::kInfo, "A total is within 5,000 bytes of the cap.",
             "Another run may be larger by that much: leave more room.", thin_margin},
    CheckRow{"PG104", "code-size-differs", Severity::kWarning,
             "The code that a log counts has another size than every script in the folder.",
             "Ship the script that was run, or the log of the one that is shipped.", code_size_differs},
    CheckRow{"PG105", "counts-unpacked", Severity::kInfo,
             "A log counts the source that a wrapper unpacks to, not the file as shipped.",
             "Count the file as shipped.", counts_unpacked},
    CheckRow{"PG106", "total-not-sum", Severity::kWarning,
             "A log's total is not its model and its code together.",
             "Say what else is counted, or correct the sum.", total_not_sum},
    CheckRow{"PG107", "json-total-differs", Severity::kWarning,
             "The total in submission.json is in no log, nor the mean of the logs'.",
             "Give the total of a log, the largest for preference.", json_total_differs},
    CheckRow{"PG108", "json-code-differs", Severity::kWarning,
             "The size of the code in submission.json is neither a log's nor that of a script in the folder.",
             "Give the size of the script as shipped.", json_code_differs},
    CheckRow{"PG109", "shipped-over-cap", Severity::kWarning,
             "The logged model and the code as shipped are over the cap together, though the log's total is "
             "under it.",
             "Ship the code in the form that was counted.", shipped_over_cap},
    CheckRow{"PG110", "no-size", Severity::kInfo, "No log of a training run gives a total.",
             "Log model, code and total in bytes, as upstream's script does.", no_size},
    CheckRow{"PG111", "seed-bytes-differ", Severity::kWarning,
             "A seed's size in submission.json is not in that seed's log.",
             "Correct the number or ship the right log.", seed_bytes_differ},
    CheckRow{
        "PG112", "rounded-over-cap", Severity::kError,
        "A log gives its total in megabytes alone, and it is over 16,000,000 bytes however it was rounded.",
        "Make the artifact or the code smaller, and log the total in bytes.", rounded_over_cap},
};

}  // namespace

std::span<const CheckRow> size_checks() { return kChecks; }

}  // namespace golf
