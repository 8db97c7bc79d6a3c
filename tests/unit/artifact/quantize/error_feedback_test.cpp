#include "quantize/error_feedback.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix damped(const Tensor& hessian) {
  const auto n = static_cast<size_t>(hessian.shape[0]);
  const auto values = hessian.values<float>();
  Matrix result(n, std::vector<double>(n));
  double mean = 0.0;
  for (size_t i = 0; i < n; ++i) mean += static_cast<double>(values[i * n + i]) / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) result[i][j] = values[i * n + j];
    result[i][i] += 0.01 * mean;
  }
  return result;
}

Matrix inverse(Matrix a) {
  const size_t n = a.size();
  Matrix result(n, std::vector<double>(n));
  for (size_t i = 0; i < n; ++i) result[i][i] = 1.0;
  for (size_t i = 0; i < n; ++i) {
    const double pivot = a[i][i];
    for (size_t j = 0; j < n; ++j) a[i][j] /= pivot, result[i][j] /= pivot;
    for (size_t k = 0; k < n; ++k) {
      if (k == i) continue;
      const double factor = a[k][i];
      for (size_t j = 0; j < n; ++j) a[k][j] -= factor * a[i][j], result[k][j] -= factor * result[i][j];
    }
  }
  return result;
}

/// GPTQ as its paper has it: the inverse's upper Cholesky factor, quantizing one row to multiples of 1.
std::vector<double> textbook_gptq(std::vector<double> weights, const Matrix& hessian) {
  Matrix inv = inverse(hessian);
  const size_t n = weights.size();
  std::vector<double> quantized(n);
  for (size_t i = 0; i < n; ++i) {
    quantized[i] = std::nearbyint(weights[i]);
    const double error = (weights[i] - quantized[i]) / inv[i][i];
    for (size_t j = i; j < n; ++j) weights[j] -= error * inv[i][j];
    const Matrix before = inv;
    for (size_t j = i + 1; j < n; ++j) {
      for (size_t k = i + 1; k < n; ++k) inv[j][k] -= before[j][i] * before[i][k] / before[i][i];
    }
  }
  return quantized;
}

void round_to_one(size_t, std::span<const float> targets, std::span<int8_t> quantized,
                  std::span<float> decoded) {
  for (size_t r = 0; r < targets.size(); ++r) {
    decoded[r] = std::nearbyint(targets[r]);
    quantized[r] = static_cast<int8_t>(decoded[r]);
  }
}

TEST(HessianFactor, MultipliesToTheDampedMoments) {
  for (const ColumnOrder order : {ColumnOrder::kNatural, ColumnOrder::kLargestFirst}) {
    const Tensor hessian = test::hessian_of(75);  // more than two panels
    const Matrix expected = damped(hessian);
    const HessianFactor factor = factor_hessian(hessian.values<float>(), order);
    const size_t n = factor.size();
    ASSERT_EQ(n, 75U);
    const auto m = [&](size_t k, size_t j) {
      return k == j ? 1.0 : static_cast<double>(factor.weights[j * n + k]);  // 0 for k > j
    };
    for (size_t a = 0; a < n; a += 7) {
      for (size_t b = 0; b < n; b += 5) {
        double sum = 0.0;
        for (size_t j = 0; j < n; ++j) sum += m(a, j) * factor.variances[j] * m(b, j);
        EXPECT_NEAR(sum, expected[factor.order[a]][factor.order[b]], 1e-5) << a << " " << b;
      }
    }
  }
}

TEST(HessianFactor, OrdersColumnsByEnergy) {
  const HessianFactor factor =
      factor_hessian(test::hessian_of(10).values<float>(), ColumnOrder::kLargestFirst);
  EXPECT_EQ(factor.order, (std::vector<uint32_t>{4, 9, 3, 8, 2, 7, 1, 6, 0, 5}));
}

TEST(HessianFactor, RefusesWhatIsNotPositiveSemidefinite) {
  const std::vector<float> indefinite = {1, 0.99F, 0.99F, 0.99F, 1, -0.99F, 0.99F, -0.99F, 1};
  EXPECT_GOLF_ERROR(factor_hessian(indefinite, ColumnOrder::kNatural), ErrorCode::kCorruptData,
                    "not positive semidefinite");
}

TEST(HessianFactor, MeasuresOutputEnergy) {
  const std::vector<float> hessian = {2, 1, 1, 3};
  const std::vector<float> weights = {1, 2, -1, 1};  // 2 + 4 + 12 and 2 − 2 + 3
  EXPECT_DOUBLE_EQ(mean_output_energy(weights, 2, hessian), (18.0 + 3.0) / 2);
}

TEST(ErrorFeedback, ChoosesWhatGptqChooses) {
  constexpr int64_t kColumns = 150;  // more than a block
  const Tensor hessian = test::hessian_of(kColumns);
  const Tensor weights = test::bell_matrix(4, kColumns, 8.0);
  const HessianFactor factor = factor_hessian(hessian.values<float>(), ColumnOrder::kNatural);
  std::vector<int8_t> quantized(4 * kColumns);
  quantize_columns(weights.values<float>(), kColumns, &factor, round_to_one, quantized);
  size_t different = 0;
  for (size_t row = 0; row < 4; ++row) {
    const auto values = weights.values<float>().subspan(row * kColumns, kColumns);
    const auto expected = textbook_gptq({values.begin(), values.end()}, damped(hessian));
    for (size_t c = 0; c < expected.size(); ++c) {
      different += static_cast<double>(quantized[row * kColumns + c]) != expected[c];
    }
  }
  EXPECT_EQ(different, 0U) << "of 600";
}

TEST(ErrorFeedback, WithoutFactorQuantizesTheWeightsThemselves) {
  const Tensor weights = test::bell_matrix(3, 5, 8.0);
  std::vector<int8_t> quantized(15);
  quantize_columns(weights.values<float>(), 5, nullptr, round_to_one, quantized);
  for (size_t i = 0; i < quantized.size(); ++i) {
    EXPECT_EQ(quantized[i], static_cast<int8_t>(std::nearbyint(weights.values<float>()[i])));
  }
}

TEST(ErrorFeedback, TakesColumnsInTheFactorsOrder) {
  const HessianFactor factor =
      factor_hessian(test::hessian_of(10).values<float>(), ColumnOrder::kLargestFirst);
  std::vector<uint32_t> seen;
  std::vector<int8_t> quantized(20);
  quantize_columns(
      test::bell_matrix(2, 10).values<float>(), 10, &factor,
      [&](size_t column, auto targets, auto values, auto decoded) {
        seen.push_back(static_cast<uint32_t>(column));
        round_to_one(column, targets, values, decoded);
      },
      quantized);
  EXPECT_EQ(seen, factor.order);
}

}  // namespace
}  // namespace golf
