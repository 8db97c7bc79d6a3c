#include "golf/stats/mean_test.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "golf/artifact/base/error.h"
#include "golf/stats/student_t.h"

namespace golf {

ScoreSample summarize_scores(std::span<const double> scores) {
  require(!scores.empty(), "scores", "there are none");
  ScoreSample sample{.count = std::ssize(scores)};
  for (const double score : scores) {
    require(std::isfinite(score), "scores", fmt::format("{} is not a finite number", score));
    sample.mean += score;
  }
  sample.mean /= static_cast<double>(scores.size());
  double squares = 0;
  for (const double score : scores) squares += (score - sample.mean) * (score - sample.mean);
  if (sample.count > 1) sample.deviation = std::sqrt(squares / static_cast<double>(sample.count - 1));
  return sample;
}

MeanTest test_lower_mean(const ScoreSample& scores, const ScoreSample& others, double margin,
                         double confidence, bool assume_equal_spread) {
  require(confidence > 0 && confidence < 1, "confidence",
          fmt::format("{} is not over 0 and below 1", confidence));
  require(scores.count >= 1 && others.count >= 1, "scores", "each side needs one at least");
  require(scores.count > 1 || others.count > 1, "scores",
          "one run on each side has no spread to judge by: give two runs or more of one of them");
  MeanTest test{.margin = margin, .difference = others.mean - scores.mean, .confidence = confidence};
  // The variance of each mean, and the degrees of freedom that it was estimated with.
  struct Side {
    double variance = 0, degrees = 0;
  };
  const auto side = [&](const ScoreSample& own, const ScoreSample& other) -> Side {
    const auto count = static_cast<double>(own.count);
    if (own.count > 1) return {own.deviation * own.deviation / count, count - 1};
    if (!assume_equal_spread) return {};
    return {other.deviation * other.deviation, static_cast<double>(other.count - 1)};
  };
  const Side a = side(scores, others), b = side(others, scores);
  const double variance = a.variance + b.variance;
  test.standard_error = std::sqrt(variance);
  if (assume_equal_spread && (scores.count == 1 || others.count == 1)) {
    test.degrees = std::max(a.degrees, b.degrees);  // one deviation serves both
  } else if (variance > 0) {
    const auto part = [](const Side& each) {
      return each.degrees > 0 ? each.variance * each.variance / each.degrees : 0;
    };
    test.degrees = variance * variance / (part(a) + part(b));
  } else {
    test.degrees = a.degrees + b.degrees;
  }
  const double over = test.difference - margin;
  if (variance > 0) {
    test.t = over / test.standard_error;
  } else {  // runs that all agree: as sure as can be, either way
    test.t = over == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), over);
  }
  test.p = student_t_upper_tail(test.t, test.degrees);
  const double reach = student_t_quantile((1 - confidence) / 2, test.degrees) * test.standard_error;
  test.low = test.difference - reach;
  test.high = test.difference + reach;
  return test;
}

std::optional<int64_t> runs_for_power(double difference, double margin, double deviation, double level,
                                      double power) {
  constexpr int64_t kMostRuns = 10'000;
  require(deviation > 0 && std::isfinite(deviation), "deviation", "must be over 0");
  require(level > 0 && level < 1, "level", fmt::format("{} is not over 0 and below 1", level));
  require(power > 0 && power < 1, "power", fmt::format("{} is not over 0 and below 1", power));
  if (!(difference > margin)) return std::nullopt;
  const auto power_of = [&](int64_t runs) {
    const double degrees = 2 * static_cast<double>(runs) - 2;
    const double noncentrality =
        (difference - margin) / (deviation * std::sqrt(2 / static_cast<double>(runs)));
    return noncentral_t_upper_tail(student_t_quantile(level, degrees), degrees, noncentrality);
  };
  int64_t few = 1, enough = 2;  // one run a side has no test
  while (power_of(enough) < power) {
    few = enough;
    enough *= 2;
    if (enough > kMostRuns) return std::nullopt;
  }
  while (enough - few > 1) {
    const int64_t middle = (few + enough) / 2;
    (power_of(middle) < power ? few : enough) = middle;
  }
  return enough;
}

}  // namespace golf
