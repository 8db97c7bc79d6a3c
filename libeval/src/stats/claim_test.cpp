#include "golf/stats/claim_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "golf/artifact/base/error.h"
#include "stats/random_draw.h"

namespace golf {
namespace {

/// Share of the capital's range that a bet uses at most: the capital never gets to 0.
constexpr double kLargestStake = 0.75;
constexpr double kCertain = std::numeric_limits<double>::infinity();

}  // namespace

std::vector<int64_t> random_order(int64_t count, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::mt19937_64 random(seed);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draw_below(random, i)]);
  return order;
}

void ClaimTest::Bettor::bet(double value, double sum, double squares, int64_t count, int64_t population) {
  const auto n = static_cast<double>(count), all = static_cast<double>(population);
  // If the mean of all is the boundary, what is left has this mean.
  const double rest = (all * boundary - sum) / (all - n);
  // No values within the bounds could have it: the hypothesis is false.
  if (is_above ? rest < 0 : rest > 1) log_capital = kCertain;
  if (log_capital == kCertain) return;
  // Estimated from the values before this one, and one made-up value in the middle.
  const double mean = (sum + 0.5) / (n + 1);
  const double variance = std::max((squares - 2 * mean * sum + n * mean * mean + 0.25) / (n + 1), 1e-12);
  const double advantage = is_above ? mean - rest : rest - mean;
  const double most = kLargestStake / std::max(is_above ? rest : 1 - rest, 1e-12);
  const double stake = std::clamp(advantage / (variance + advantage * advantage), 0.0, most);
  log_capital += std::log1p(stake * (is_above ? value - rest : rest - value));
}

ClaimTest::ClaimTest(const MeanClaim& claim) : claim_(claim) {
  require(claim.population >= 1, "population", fmt::format("{} values", claim.population));
  require(claim.least < claim.most && claim.low <= claim.high, "claim", "bounds that are out of order");
  require(claim.error_probability > 0 && claim.error_probability < 1, "error probability",
          fmt::format("{} is not over 0 and below 1", claim.error_probability));
  const double range = claim.most - claim.least;
  const double low = (claim.low - claim.least) / range, high = (claim.high - claim.least) / range;
  above_low_ = {low, true, 0};
  above_high_ = {high, true, 0};
  below_low_ = {low, false, 0};
  below_high_ = {high, false, 0};
}

ClaimVerdict ClaimTest::add(double value) {
  require(count() < claim_.population, "value", "there are more than the population has");
  require(value >= claim_.least && value <= claim_.most, "value",
          fmt::format("{} is outside the bounds {} to {}", value, claim_.least, claim_.most));
  const double scaled = (value - claim_.least) / (claim_.most - claim_.least);
  for (Bettor* bettor : {&above_low_, &above_high_, &below_low_, &below_high_}) {
    bettor->bet(scaled, sum_, squares_, count(), claim_.population);
  }
  sum_ += scaled;
  squares_ += scaled * scaled;
  values_.push_back(scaled);
  if (verdict_ != ClaimVerdict::kUndecided) return verdict_;
  const double once = -std::log(claim_.error_probability), twice = once + std::log(2);
  if (count() == claim_.population) {
    const double mean = sum_ / static_cast<double>(count());
    const bool holds = mean >= above_low_.boundary && mean <= below_high_.boundary;
    verdict_ = holds ? ClaimVerdict::kConfirmed : ClaimVerdict::kRefuted;
  } else if (above_high_.log_capital >= twice || below_low_.log_capital >= twice) {
    verdict_ = ClaimVerdict::kRefuted;
  } else if (above_low_.log_capital >= once && below_high_.log_capital >= once) {
    verdict_ = ClaimVerdict::kConfirmed;
  }
  return verdict_;
}

/// The largest logarithm that a bettor's capital would have had by now.
double ClaimTest::capital(double mean, bool is_above) const {
  Bettor bettor{mean, is_above, 0};
  double sum = 0, squares = 0, largest = 0;
  int64_t n = 0;
  for (const double value : values_) {
    bettor.bet(value, sum, squares, n++, claim_.population);
    largest = std::max(largest, bettor.log_capital);
    sum += value;
    squares += value * value;
  }
  return largest;
}

ClaimTest::Interval ClaimTest::interval() const {
  if (values_.empty()) return {claim_.least, claim_.most};
  const double mean = sum_ / static_cast<double>(count());
  const double enough = std::log(2 / claim_.error_probability);
  const auto scaled_back = [&](double value) { return claim_.least + value * (claim_.most - claim_.least); };
  if (count() == claim_.population) return {scaled_back(mean), scaled_back(mean)};
  // From the sample's mean outwards to the first mean that is rejected.
  const auto bound = [&](double end, bool is_above) {
    double kept = mean, out = end;
    if (capital(end, is_above) < enough) return end;
    for (int i = 0; i < 40; ++i) {
      const double middle = (kept + out) / 2;
      (capital(middle, is_above) < enough ? kept : out) = middle;
    }
    return out;
  };
  return {scaled_back(bound(0, true)), scaled_back(bound(1, false))};
}

}  // namespace golf
