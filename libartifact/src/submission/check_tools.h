#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/budget/budget.h"
#include "golf/artifact/submission/submission_checks.h"

namespace golf {

inline constexpr auto kSizeCap = static_cast<int64_t>(kBudgetBytes);

/// "16,071,321".
std::string grouped(int64_t value);
/// "16,071,321 bytes: 71,321 over the cap of 16,000,000 (over 16 MB but under 16 MiB: the cap is decimal)".
std::string over_cap_text(int64_t bytes);

/// Half a unit in the last decimal that a number shows as JSON, at most 0.0005.
double rounding_of(double value);

/// A score of a kind that several logs give under one label, or one log alone, with how exact it is.
struct ScoreValue {
  double value = 0;
  double tolerance = 0;
  LoggedScore::Kind kind = LoggedScore::Kind::kResult;
};
enum class ScoreMember { kLoss, kBpb };
/// Every score of the logs, and for each label the mean over logs where two or more have it.
std::vector<ScoreValue> score_values(const Submission& submission, ScoreMember member);
/// Whether one of the values is `claim`, to the digits that both show.
bool matches(const std::vector<ScoreValue>& values, double claim);

/// Bytes a token by a loss in nats and bits a byte.
double bytes_per_token(double loss, double bpb);
/// Whether the ratio is that of a published tokenizer on the validation text, or 1, that of bytes.
bool is_known_ratio(double ratio, const KnownData& known);

/// Logs of a seed: by what they say, or by their names.
std::vector<const SubmissionLog*> logs_of_seed(const Submission& submission, int64_t seed);
std::optional<int64_t> seed_of(const SubmissionLog& log);

/// Of the scripts that run, as shipped.
int64_t reached_bytes(const Submission& submission);

/// " (and 2 more)", or nothing.
std::string and_more(size_t count);

}  // namespace golf
