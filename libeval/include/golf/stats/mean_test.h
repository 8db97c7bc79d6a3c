#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace golf {

/// Runs of one system, by what their scores come to.
struct ScoreSample {
  int64_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< of the sample, n − 1 in the denominator; 0 for a single run
};
/// @throws Error kInvalidArgument: no score, or one that is not finite
ScoreSample summarize_scores(std::span<const double> scores);

/// A one-sided test that scores, of which lower is better, are lower than others by more than a margin.
///
/// Two samples: Welch's t test, with the degrees of freedom of Welch and Satterthwaite. Source: Welch, The
/// generalization of "Student's" problem when several different population variances are involved
/// (Biometrika, 1947). A single score on one side counts as exactly known (one-sample t test), or has the
/// other side's deviation where `assume_equal_spread`.
struct MeanTest {
  double margin = 0;
  double difference = 0;      ///< the other mean less this one: how much lower the scores are
  double standard_error = 0;  ///< of the difference
  double t = 0;               ///< (difference − margin) / standard error
  double degrees = 0;
  double p = 0;  ///< one-sided: of such a t or a larger one if the true difference were the margin
  /// Where the true difference is, at `confidence`, two-sided.
  double low = 0, high = 0;
  double confidence = 0;
};

/// @param confidence  of the interval, over 0 and below 1
/// @throws Error kInvalidArgument when neither sample has two runs (there is no spread to judge by)
MeanTest test_lower_mean(const ScoreSample& scores, const ScoreSample& others, double margin,
                         double confidence = 0.95, bool assume_equal_spread = false);

/// The fewest runs a side with which such a test has the wanted power: the probability to end with p <
/// `level` when the scores are truly lower by `difference`. Both sides are taken to have the same deviation
/// and the same number of runs. Nothing when 10,000 are not enough, as when the difference is not over the
/// margin.
std::optional<int64_t> runs_for_power(double difference, double margin, double deviation, double level,
                                      double power);

}  // namespace golf
