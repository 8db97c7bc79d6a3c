#include "golf/stats/score_sources.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/submission/submission.h"

namespace golf {
namespace {

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// "MEAN:DEVIATION:COUNT"; nothing when it has another form.
std::optional<ScoreSample> parse_summary(std::string_view text) {
  const size_t first = text.find(':'), second = text.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto mean = parse_number(text.substr(0, first));
  const auto deviation = parse_number(text.substr(first + 1, second - first - 1));
  const auto count = parse_number(text.substr(second + 1));
  if (!mean || !deviation || !count) return std::nullopt;
  require(*deviation >= 0, std::string(text), "a deviation is not below 0");
  require(*count >= 1 && *count <= 1e6 && *count == std::floor(*count), std::string(text),
          "the number of runs is a whole one of 1 and more");
  return ScoreSample{static_cast<int64_t>(*count), *mean, *deviation};
}

std::optional<double> number_of(const Json& object, std::string_view key) {
  const Json* member = object.find(key);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  return member->as_double();
}

/// A result object of this project's tools.
void add_result(const Json& result, const std::string& name, ScoreSource& found) {
  if (!result.is_object()) return;
  found.scores.push_back(
      {.source = name, .loss = number_of(result, "val_loss"), .bpb = number_of(result, "val_bpb")});
}

/// "results", or those of what was packed where there are any.
void add_results(const Json& json, const std::string& name, const std::string& mode, ScoreSource& found) {
  const Json* results = json.find("results");
  if (const Json* packed = json.find("roundtrip"); packed != nullptr && packed->is_object()) {
    if (const Json* of_packed = packed->find("results");
        of_packed != nullptr && of_packed->is_array() && !of_packed->as_array().empty()) {
      results = of_packed;
    }
  }
  if (results == nullptr || !results->is_array()) return;
  const Json::Array& all = results->as_array();
  const auto has_mode = [&](const Json& result) {
    const Json* of = result.is_object() ? result.find("mode") : nullptr;
    return mode.empty() || (of != nullptr && of->is_string() && of->as_string() == mode);
  };
  int64_t matching = 0;
  for (const Json& result : all) {
    if (!has_mode(result)) continue;
    ++matching;
    add_result(result, name, found);
  }
  if (matching > 1) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: has {} results: say which one with --mode", name, matching));
  }
}

void add_record(const SubmissionRecord& record, const std::string& name, ScoreSource& found) {
  for (const SeedClaim& claim : record.seeds()) {
    if (!claim.bpb && !claim.loss) continue;
    found.scores.push_back({.source = fmt::format("{}:{}", name, claim.line),
                            .loss = claim.loss,
                            .bpb = claim.bpb,
                            .seed = claim.seed});
  }
  if (!found.scores.empty()) return;
  const auto loss = record.number("val_loss"), bpb = record.number("val_bpb");
  if (loss || bpb) found.scores.push_back({.source = name, .loss = loss, .bpb = bpb});
}

void add_log(const SubmissionLog& log, const std::string& name, ScoreSource& found) {
  const LoggedScore* result = log.result();
  if (result == nullptr) return;
  found.scores.push_back({.source = fmt::format("{}:{}", name, result->line),
                          .loss = result->loss,
                          .bpb = result->bpb,
                          .seed = log.seed ? std::optional(log.seed->value) : std::nullopt});
}

void add_json(const std::string& text, const std::string& name, const std::string& mode, ScoreSource& found) {
  const Json json = parse_json(text, name);
  const Json* schema = json.is_object() ? json.find("schema") : nullptr;
  if (schema != nullptr && schema->is_string() && schema->as_string().starts_with("golf.")) {
    if (const Json* result = json.find("result")) add_result(*result, name, found);
    if (found.scores.empty()) add_results(json, name, mode, found);
    return;
  }
  const SubmissionRecord record(text, name);
  if (!record.problem().empty()) fail(ErrorCode::kCorruptData, fmt::format("{}: {}", name, record.problem()));
  add_record(record, name, found);
}

}  // namespace

ScoreSource read_score_source(const std::string& argument, bool numbers_are_nats, const std::string& mode) {
  ScoreSource found;
  if (const auto number = parse_number(argument)) {
    FoundScore score{.source = argument};
    (numbers_are_nats ? score.loss : score.bpb) = number;
    found.scores.push_back(score);
    return found;
  }
  found.summary = parse_summary(argument);
  if (found.summary) return found;
  const std::string name = display_name(argument);
  std::error_code ignored;
  if (std::filesystem::is_directory(argument, ignored)) {
    const Submission submission = read_submission(argument);
    for (const SubmissionLog& log : submission.logs) add_log(log, name + "/" + printable(log.file), found);
    if (found.scores.empty() && submission.record != nullptr) {
      add_record(*submission.record, name + "/" + printable(submission.record->file()), found);
    }
  } else {
    const Bytes bytes = read_file(argument, uint64_t{64} << 20U);
    const std::string text(as_text(bytes));
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text[first] == '{') {
      add_json(text, name, mode, found);
    } else {
      add_log(read_submission_log(text, argument), name, found);
    }
  }
  std::erase_if(found.scores, [](const FoundScore& score) { return !score.loss && !score.bpb; });
  if (found.scores.empty()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: holds no score: give a result of golf-eval, a submission.json, a run's log, a "
                     "submission's folder, a number, or MEAN:DEVIATION:COUNT",
                     name));
  }
  return found;
}

}  // namespace golf
