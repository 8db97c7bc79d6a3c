#pragma once

#include <cstdint>
#include <vector>

namespace golf {

/// 0 … count − 1 in a random order, the same for a seed on every machine.
std::vector<int64_t> random_order(int64_t count, uint64_t seed);

enum class ClaimVerdict { kUndecided, kConfirmed, kRefuted };

/// What is claimed of the mean of a finite population: that it lies in [low, high].
struct MeanClaim {
  int64_t population = 0;      ///< how many values there are
  double least = 0, most = 0;  ///< between which every one of them lies
  double low = 0, high = 0;    ///< between which their mean is claimed to lie
  double error_probability = 0.01;
};

/// A sequential test of such a claim on values that are drawn without replacement in random order. It may be
/// stopped after any value, for any reason: the probability that it ever gives the wrong verdict is at most
/// `error_probability`, for every population within its bounds.
///
/// Each of four one-sided hypotheses about the mean has a bettor whose capital is a nonnegative
/// supermartingale if the hypothesis is true; it is rejected when the capital has grown enough (Ville's
/// inequality). Confirmed: "at or below low" and "at or above high" are both rejected at the error
/// probability. Refuted: "at or below high" or "at or above low" is rejected at half of it. After all values
/// the mean is known. Source: Waudby-Smith and Ramdas, Estimating means of bounded random variables by
/// betting (Journal of the Royal Statistical Society B, 2024): the capital process, its form for sampling
/// without replacement, and the bets (approximate GRAPA, truncated).
class ClaimTest {
 public:
  /// @throws Error kInvalidArgument for bounds that are out of order, no population, or an error probability
  /// outside (0, 1)
  explicit ClaimTest(const MeanClaim& claim);

  /// The next value. After a verdict it stays what it is. @throws Error kInvalidArgument when the value is
  /// outside the bounds or there are more of them than the population has
  ClaimVerdict add(double value);
  ClaimVerdict verdict() const { return verdict_; }
  int64_t count() const { return static_cast<int64_t>(values_.size()); }

  struct Interval {
    double low = 0, high = 0;
  };
  /// Means that the values so far do not speak against: the confidence sequence at this moment, of confidence
  /// 1 − error_probability whenever it is asked for.
  Interval interval() const;

 private:
  double capital(double mean, bool is_above) const;

  MeanClaim claim_;
  std::vector<double> values_;  ///< scaled to [0, 1]
  ClaimVerdict verdict_ = ClaimVerdict::kUndecided;

  /// One who bets that the mean is above a boundary, or that it is below.
  struct Bettor {
    double boundary = 0;  ///< scaled
    bool is_above = false;
    double log_capital = 0;
    /// @param sum, squares  of the values before, `count` of them
    void bet(double value, double sum, double squares, int64_t count, int64_t population);
  };
  Bettor above_low_, below_high_, above_high_, below_low_;
  double sum_ = 0, squares_ = 0;
};

}  // namespace golf
