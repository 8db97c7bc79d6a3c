#pragma once

namespace golf {

/// The regularized incomplete beta function I_x(a, b), 0 ≤ x ≤ 1, a and b over 0: a continued fraction by
/// Lentz's method, to about 14 digits. Source: DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v).
double incomplete_beta(double a, double b, double x);

/// P(T > t) of Student's distribution, degrees of freedom over 0, whole or not. Source: DLMF 8.17 with
/// x = df / (df + t²); Abramowitz and Stegun 26.7.1.
double student_t_upper_tail(double t, double degrees);
/// The t with P(T > t) = tail, 0 < tail < 1. To about 12 digits.
double student_t_quantile(double tail, double degrees);

/// P(Z > z) of the standard normal distribution, and its inverse.
double normal_upper_tail(double z);
double normal_quantile(double tail);

/// P(T > critical) where T has the noncentral t distribution: the power of a t test. Integrates the normal
/// tail over the distribution of the sample's standard deviation. Source: Johnson, Kotz and Balakrishnan,
/// Continuous Univariate Distributions 2, chapter 31. To about 6 digits, degrees of freedom of 1 and more.
double noncentral_t_upper_tail(double critical, double degrees, double noncentrality);

}  // namespace golf
