#include "golf/artifact/submission/written_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "submission/check_tools.h"

namespace golf {
namespace {

/// The runs that the record is about: one log a seed.
std::vector<const SubmissionLog*> runs_of(const Submission& submission) {
  std::vector<const SubmissionLog*> runs;
  for (const auto& group : submission.seed_groups()) {
    if (group.size() > runs.size()) runs = group;
  }
  if (runs.empty()) {
    for (const SubmissionLog& log : submission.logs) runs.push_back(&log);
  }
  runs.erase(
      std::remove_if(runs.begin(), runs.end(), [](const auto* log) { return log->result() == nullptr; }),
      runs.end());
  return runs;
}

template <class Value>
double mean_of(const std::vector<const SubmissionLog*>& runs, const Value& value) {
  double sum = 0;
  for (const SubmissionLog* log : runs) sum += value(*log);
  return sum / static_cast<double>(runs.size());
}

/// To the eight decimals of the logs: the last bits of a sum are not the same on every processor.
double rounded(double value) { return std::round(value * 1e8) / 1e8; }

Json seed_figures(const SubmissionLog& log) {
  const LoggedScore& result = *log.result();
  Json figures = Json::object();
  if (result.loss) figures["val_loss"] = *result.loss;
  figures["val_bpb"] = result.bpb;
  if (const LoggedSize* total = log.total()) figures["artifact_bytes"] = total->bytes;
  if (log.last_step) figures["steps"] = log.last_step->value;
  if (log.train_ms) figures["train_seconds"] = log.train_ms->value / 1e3;
  return figures;
}

}  // namespace

Json record_from_logs(const Submission& submission) {
  const std::vector<const SubmissionLog*> runs = runs_of(submission);
  if (runs.empty()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: no log in it has the score of a packed model: add the logs",
                     printable(submission.folder.path)));
  }
  Json record = Json::object();
  for (const RecordField& field : record_fields()) {
    if (field.type != RecordType::kText) continue;
    const FoundField* found = submission.record == nullptr ? nullptr : submission.record->find(field.name);
    if (found != nullptr || field.wanted) record[field.name] = found == nullptr ? Json() : *found->value;
  }
  const auto bpb = [](const SubmissionLog& log) { return log.result()->bpb; };
  const double mean = mean_of(runs, bpb);
  const bool has_losses =
      std::all_of(runs.begin(), runs.end(), [](const auto* log) { return log->result()->loss; });
  if (has_losses) {
    record["val_loss"] = rounded(mean_of(runs, [](const SubmissionLog& log) { return *log.result()->loss; }));
  }
  record["val_bpb"] = rounded(mean);
  if (runs.size() > 1) {
    const double variance =
        mean_of(runs, [&](const SubmissionLog& log) { return std::pow(bpb(log) - mean, 2); });
    const auto count = static_cast<double>(runs.size());
    record["val_bpb_std"] = rounded(std::sqrt(variance * count / (count - 1)));  // of a sample
  }
  int64_t most = 0;
  Json seeds = Json::array(), results = Json::object();
  for (const SubmissionLog* log : runs) {
    if (const LoggedSize* total = log->total()) most = std::max(most, total->bytes);
    const std::optional<int64_t> seed = seed_of(*log);
    if (!seed || results.find(std::to_string(*seed)) != nullptr) continue;
    seeds.push_back(*seed);
    results[std::to_string(*seed)] = seed_figures(*log);
  }
  record["bytes_total"] = most == 0 ? Json() : Json(most);
  record["bytes_code"] = submission.main == nullptr ? Json() : Json(reached_bytes(submission));
  if (!seeds.as_array().empty()) {
    record["seeds"] = std::move(seeds);
    record["seed_results"] = std::move(results);
  }
  if (!runs[0]->gpus.empty()) {
    record["hardware"] = printable(fmt::format("{}x{}", runs[0]->gpus.size(), runs[0]->gpus[0].value));
  }
  return record;
}

}  // namespace golf
