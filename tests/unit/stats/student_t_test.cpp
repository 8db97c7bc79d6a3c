#include "golf/stats/student_t.h"

#include <gtest/gtest.h>

#include <cmath>

namespace golf {
namespace {

TEST(IncompleteBeta, HasItsClosedForms) {
  for (const double x : {0.001, 0.2, 0.5, 0.77, 0.999}) {
    EXPECT_NEAR(incomplete_beta(1, 1, x), x, 1e-14);
    EXPECT_NEAR(incomplete_beta(1, 7, x), 1 - std::pow(1 - x, 7), 1e-13);
    EXPECT_NEAR(incomplete_beta(3.5, 1, x), std::pow(x, 3.5), 1e-13);
    EXPECT_NEAR(incomplete_beta(0.5, 0.5, x), 2 / M_PI * std::asin(std::sqrt(x)), 1e-13);
    EXPECT_NEAR(incomplete_beta(2.5, 40, x) + incomplete_beta(40, 2.5, 1 - x), 1, 1e-13);
  }
  EXPECT_NEAR(incomplete_beta(2, 3, 0.5), 11.0 / 16, 1e-14);
  EXPECT_EQ(incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(incomplete_beta(2, 3, 1), 1);
}

/// Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, Critical values of Student's t
/// distribution.
TEST(StudentT, HasTheTabulatedCriticalValues) {
  struct Row {
    double degrees, tail, critical;
  };
  for (const Row& row : {Row{1, 0.10, 3.078},
                         {1, 0.025, 12.706},
                         {2, 0.01, 6.965},
                         {2, 0.001, 22.327},
                         {4, 0.05, 2.132},
                         {5, 0.01, 3.365},
                         {10, 0.05, 1.812},
                         {30, 0.025, 2.042},
                         {100, 0.001, 3.174}}) {
    EXPECT_NEAR(student_t_quantile(row.tail, row.degrees), row.critical, 5.1e-4);
    EXPECT_NEAR(student_t_quantile(1 - row.tail, row.degrees), -row.critical, 5.1e-4);
    EXPECT_NEAR(student_t_upper_tail(student_t_quantile(row.tail, row.degrees), row.degrees), row.tail,
                1e-12);
  }
}

TEST(StudentT, HasItsClosedForms) {
  for (const double t : {-30.0, -1.0, 0.0, 0.3, 4.0, 56.84, 1e6}) {
    EXPECT_NEAR(student_t_upper_tail(t, 1), 0.5 - std::atan(t) / M_PI, 1e-13);
    EXPECT_NEAR(student_t_upper_tail(t, 2), 0.5 - t / (2 * std::sqrt(2 + t * t)), 1e-13);
  }
  EXPECT_EQ(student_t_upper_tail(INFINITY, 3), 0);
  EXPECT_EQ(student_t_upper_tail(-INFINITY, 3), 1);
  // Of many degrees it is the normal one.
  EXPECT_NEAR(student_t_upper_tail(1.5, 1e8), normal_upper_tail(1.5), 1e-7);
}

TEST(Normal, HasTheTabulatedQuantiles) {
  EXPECT_NEAR(normal_quantile(0.05), 1.644854, 1e-6);
  EXPECT_NEAR(normal_quantile(0.025), 1.959964, 1e-6);
  EXPECT_NEAR(normal_quantile(0.9), -1.281552, 1e-6);
}

/// Source: the examples of power.t.test in R's documentation: n = 20, delta = 1, sd = 1 has a power of
/// 0.8689528 at a two-sided level of 0.05.
TEST(NoncentralT, HasThePowerThatRGives) {
  const double critical = student_t_quantile(0.025, 38);
  EXPECT_NEAR(noncentral_t_upper_tail(critical, 38, std::sqrt(20.0 / 2)), 0.8689528, 2e-7);
}

TEST(NoncentralT, IsStudentsWithoutNoncentrality) {
  for (const double degrees : {1.0, 2.0, 4.0, 30.0}) {
    for (const double t : {-2.0, 0.0, 1.0, 6.0}) {
      EXPECT_NEAR(noncentral_t_upper_tail(t, degrees, 0), student_t_upper_tail(t, degrees), 2e-6);
    }
  }
}

}  // namespace
}  // namespace golf
