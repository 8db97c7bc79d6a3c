#include "submission/check_tools.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace golf {

std::string grouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string over_cap_text(int64_t bytes) {
  constexpr int64_t kMebi = int64_t{16} << 20;
  return fmt::format("{} bytes: {} over the cap of {}{}", grouped(bytes), grouped(bytes - kSizeCap),
                     grouped(kSizeCap),
                     bytes <= kMebi ? " (over 16 MB but under 16 MiB: the cap is decimal)" : "");
}

double rounding_of(double value) {
  const std::string text = Json(value).dump();
  const size_t point = text.find('.');
  if (point == std::string::npos || text.find('e') != std::string::npos) return 5e-4;
  return std::clamp(0.51 * std::pow(10.0, -static_cast<double>(text.size() - point - 1)), 1e-9, 5e-4);
}

std::vector<ScoreValue> score_values(const Submission& submission, ScoreMember member) {
  std::vector<ScoreValue> values;
  struct Sum {
    double sum = 0, tolerance = 0;
    int logs = 0;
    LoggedScore::Kind kind{};
  };
  std::map<std::string, Sum> by_label;  // the last of each log counts
  for (const SubmissionLog& log : submission.logs) {
    std::map<std::string, ScoreValue> last;
    for (const LoggedScore& score : log.scores) {
      if (member == ScoreMember::kLoss && !score.loss) continue;
      const int decimals = member == ScoreMember::kLoss ? score.loss_decimals : score.bpb_decimals;
      const ScoreValue value{member == ScoreMember::kLoss ? *score.loss : score.bpb,
                             0.51 * std::pow(10.0, -static_cast<double>(decimals)), score.kind};
      // Some step or other of a long training has every value there is: only the last one counts.
      if (score.kind != LoggedScore::Kind::kValidation) values.push_back(value);
      last[score.kind == LoggedScore::Kind::kValidation ? "step" : score.label] = value;
    }
    if (const LoggedScore* result = log.result(); result != nullptr && last.contains(result->label)) {
      last["last result"] = last[result->label];
    }
    if (last.contains("step")) values.push_back(last["step"]);
    for (const auto& [label, value] : last) {
      Sum& sum = by_label[label];
      sum.sum += value.value;
      sum.tolerance = std::max(sum.tolerance, value.tolerance);
      sum.kind = value.kind;
      ++sum.logs;
    }
  }
  for (const auto& [label, sum] : by_label) {
    if (sum.logs > 1) values.push_back({sum.sum / sum.logs, sum.tolerance, sum.kind});
  }
  for (const auto& group : submission.seed_groups()) {
    double sum = 0, tolerance = 0;
    size_t count = 0;
    for (const SubmissionLog* log : group) {
      const LoggedScore* result = log->result();
      if (result == nullptr || (member == ScoreMember::kLoss && !result->loss)) continue;
      sum += member == ScoreMember::kLoss ? *result->loss : result->bpb;
      const int decimals = member == ScoreMember::kLoss ? result->loss_decimals : result->bpb_decimals;
      tolerance = std::max(tolerance, 0.51 * std::pow(10.0, -static_cast<double>(decimals)));
      ++count;
    }
    if (count > 1)
      values.push_back({sum / static_cast<double>(count), tolerance, LoggedScore::Kind::kResult});
  }
  return values;
}

bool matches(const std::vector<ScoreValue>& values, double claim) {
  const double rounding = rounding_of(claim);
  return std::any_of(values.begin(), values.end(), [&](const ScoreValue& value) {
    return std::abs(value.value - claim) <= rounding + value.tolerance;
  });
}

double bytes_per_token(double loss, double bpb) { return loss / (std::numbers::ln2 * bpb); }

bool is_known_ratio(double ratio, const KnownData& known) {
  constexpr double kTolerance = 0.003;
  if (std::abs(ratio - 1) < kTolerance) return true;
  return std::any_of(known.texts.begin(), known.texts.end(), [&](const KnownText& text) {
    return text.bytes_per_token > 0 && std::abs(ratio / text.bytes_per_token - 1) < kTolerance;
  });
}

std::optional<int64_t> seed_of(const SubmissionLog& log) {
  if (log.seed) return log.seed->value;
  return seed_in_name(log.file);
}

std::vector<const SubmissionLog*> logs_of_seed(const Submission& submission, int64_t seed) {
  std::vector<const SubmissionLog*> found;
  for (const SubmissionLog& log : submission.logs) {
    if (seed_of(log) == seed || seed_in_name(log.file) == seed) found.push_back(&log);
  }
  return found;
}

int64_t reached_bytes(const Submission& submission) {
  int64_t bytes = 0;
  for (const SubmissionScript* script : submission.reached)
    bytes += static_cast<int64_t>(script->shipped_bytes);
  return bytes;
}

std::string and_more(size_t count) { return count == 0 ? "" : fmt::format(" (and {} more)", count); }

}  // namespace golf
