#include "golf/stats/student_t.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace golf {
namespace {

/// The continued fraction of DLMF 8.17.22, without the factor before it.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 10'000;
  const auto nonzero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / nonzero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/// The x with falling tail(x) = wanted, by halving.
template <class Tail>
double invert(Tail tail, double wanted) {
  double low = -1, high = 1;
  while (tail(low) < wanted) low *= 2;
  while (tail(high) > wanted) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * (1 + std::abs(low)); ++i) {
    const double middle = (low + high) / 2;
    (tail(middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (!(x > 0)) return 0;
  if (!(x < 1)) return 1;
  const double factor =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  // The fraction converges fast on the near side of the mean.
  if (x < (a + 1) / (a + b + 2)) return factor * beta_fraction(a, b, x) / a;
  return 1 - factor * beta_fraction(b, a, 1 - x) / b;
}

double student_t_upper_tail(double t, double degrees) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  const double both_tails = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t > 0 ? both_tails / 2 : 1 - both_tails / 2;
}

double student_t_quantile(double tail, double degrees) {
  return invert([&](double t) { return student_t_upper_tail(t, degrees); }, tail);
}

double normal_upper_tail(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }

double normal_quantile(double tail) { return invert(normal_upper_tail, tail); }

double noncentral_t_upper_tail(double critical, double degrees, double noncentrality) {
  // T = (Z + noncentrality) / s with degrees · s² distributed as χ²: P = ∫ P(Z > critical·s − δ) f(s) ds.
  const double log_scale = std::numbers::ln2 + degrees / 2 * std::log(degrees / 2) - std::lgamma(degrees / 2);
  const auto density = [&](double s) {
    return std::exp(log_scale + (degrees - 1) * std::log(s) - degrees * s * s / 2);
  };
  // Simpson's rule; s is within 12 of its standard deviations, about 1/√(2·degrees), of 1.
  const double reach = 12 / std::sqrt(2 * degrees);
  const double low = std::max(1e-12, 1 - reach), high = 1 + reach;
  constexpr int kSteps = 4000;
  const double step = (high - low) / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double s = low + step * i;
    const double weight = i == 0 || i == kSteps ? 1 : (i % 2 == 1 ? 4 : 2);
    sum += weight * density(s) * normal_upper_tail(critical * s - noncentrality);
  }
  return sum * step / 3;
}

}  // namespace golf
