#include "quantize/hessian.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Rows eliminated together: the trailing matrix is read once for all of them.
constexpr size_t kPanel = 32;
/// D_j may not fall below this share of the mean of the diagonal: the damping keeps it at 1 % for a true
/// Hessian.
constexpr double kLeastVariance = 1e-6;

size_t side_of(std::span<const float> hessian) {
  return static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(hessian.size()))));
}

std::vector<double> diagonal_of(std::span<const float> hessian) {
  const size_t n = side_of(hessian);
  std::vector<double> diagonal(n);
  for (size_t i = 0; i < n; ++i) diagonal[i] = hessian[i * n + i];
  return diagonal;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// a[i] −= Σ_p c_p · m_p[i] for the rows `p` of a panel, in their order.
void subtract_rows(double* a, size_t count, const double* const* rows, const double* coefficients,
                   size_t panel) {
  size_t p = 0;
  for (; p + 4 <= panel; p += 4) {
    const double *m0 = rows[p], *m1 = rows[p + 1], *m2 = rows[p + 2], *m3 = rows[p + 3];
    const double c0 = coefficients[p], c1 = coefficients[p + 1], c2 = coefficients[p + 2],
                 c3 = coefficients[p + 3];
    for (size_t i = 0; i < count; ++i) {
      a[i] = (((a[i] - c0 * m0[i]) - c1 * m1[i]) - c2 * m2[i]) - c3 * m3[i];
    }
  }
  for (; p < panel; ++p) {
    for (size_t i = 0; i < count; ++i) a[i] -= coefficients[p] * rows[p][i];
  }
}

/// Row j of the lower triangle `a` [n, n] becomes M_kj, D_j on the diagonal, from the last row to the first.
void factor_rows(std::vector<double>& a, size_t n, double least) {
  const auto row = [&](size_t j) { return a.data() + j * n; };
  std::vector<const double*> done;
  std::vector<std::vector<double>> scaled(kPanel, std::vector<double>(n));  // D_j · M_kj
  std::vector<double> coefficients(kPanel);
  for (size_t end = n; end > 0;) {
    const size_t begin = end > kPanel ? end - kPanel : 0;
    done.clear();
    for (size_t j = end; j-- > begin;) {
      const size_t before = done.size();
      for (size_t p = 0; p < before; ++p) coefficients[p] = scaled[p][j];
      subtract_rows(row(j), j + 1, done.data(), coefficients.data(), before);
      const double variance = row(j)[j];
      if (!(variance >= least)) {
        fail(ErrorCode::kCorruptData, fmt::format("the Hessian is not positive semidefinite (column {})", j));
      }
      std::copy_n(row(j), j, scaled[before].begin());
      for (size_t k = 0; k < j; ++k) row(j)[k] /= variance;
      done.push_back(row(j));
    }
    for (size_t k = 0; k < begin; ++k) {
      for (size_t p = 0; p < done.size(); ++p) coefficients[p] = scaled[p][k];
      subtract_rows(row(k), k + 1, done.data(), coefficients.data(), done.size());
    }
    end = begin;
  }
}

}  // namespace

std::vector<double> factor_in_place(std::vector<double>& matrix, size_t n) {
  std::vector<double> diagonal(n);
  for (size_t i = 0; i < n; ++i) diagonal[i] = matrix[i * n + i];
  factor_rows(matrix, n, kLeastVariance * mean_of(diagonal));
  for (size_t i = 0; i < n; ++i) diagonal[i] = matrix[i * n + i];
  return diagonal;
}

std::vector<double> damped_diagonal(std::span<const float> hessian) {
  std::vector<double> diagonal = diagonal_of(hessian);
  const double damping = kDamping * mean_of(diagonal);
  for (double& square : diagonal) square += damping;
  return diagonal;
}

HessianFactor factor_hessian(std::span<const float> hessian, ColumnOrder order) {
  const size_t n = side_of(hessian);
  const std::vector<double> diagonal = damped_diagonal(hessian);
  HessianFactor factor;
  factor.order.resize(n);
  std::iota(factor.order.begin(), factor.order.end(), 0U);
  if (order == ColumnOrder::kLargestFirst) {
    std::stable_sort(factor.order.begin(), factor.order.end(),
                     [&](uint32_t a, uint32_t b) { return diagonal[a] > diagonal[b]; });
  }
  std::vector<double> a(n * n);
  for (size_t j = 0; j < n; ++j) {
    for (size_t k = 0; k < j; ++k) a[j * n + k] = hessian[factor.order[j] * n + factor.order[k]];
    a[j * n + j] = diagonal[factor.order[j]];
  }
  factor_rows(a, n, kLeastVariance * mean_of(diagonal));
  factor.weights.resize(n * n);
  factor.variances.resize(n);
  for (size_t j = 0; j < n; ++j) {
    factor.variances[j] = a[j * n + j];
    for (size_t k = 0; k < j; ++k) factor.weights[j * n + k] = static_cast<float>(a[j * n + k]);
  }
  return factor;
}

namespace {

/// w·H·wᵀ of one row. `product` is scratch, [columns].
double output_energy(std::span<const float> row, std::span<const float> hessian,
                     std::vector<double>& product) {
  const size_t columns = row.size();
  product.assign(columns, 0.0);
  for (size_t i = 0; i < columns; ++i) {
    const double weight = row[i];
    const auto of_input = hessian.subspan(i * columns, columns);
    for (size_t j = 0; j < columns; ++j) product[j] += weight * static_cast<double>(of_input[j]);
  }
  double sum = 0.0;
  for (size_t j = 0; j < columns; ++j) sum += product[j] * static_cast<double>(row[j]);
  return sum;
}

/// The distance of the rows that are evaluated when at most `limit` of them are.
size_t row_stride(size_t rows, size_t limit) { return std::max<size_t>((rows + limit - 1) / limit, 1); }

}  // namespace

double mean_output_energy(std::span<const float> weights, size_t columns, std::span<const float> hessian) {
  const size_t rows = columns == 0 ? 0 : weights.size() / columns;
  const size_t stride = row_stride(rows, 64);
  double sum = 0.0;
  size_t used = 0;
  std::vector<double> product;
  for (size_t r = 0; r < rows; r += stride, ++used) {
    sum += output_energy(weights.subspan(r * columns, columns), hessian, product);
  }
  return used == 0 ? 0.0 : sum / static_cast<double>(used);
}

double weighted_output_energy(std::span<const float> weights, std::span<const double> row_weights,
                              std::span<const float> hessian) {
  const size_t rows = row_weights.size();
  const size_t columns = rows == 0 ? 0 : weights.size() / rows;
  const size_t stride = hessian.empty() ? 1 : row_stride(rows, 256);
  double sum = 0.0;
  size_t used = 0;
  std::vector<double> product;
  for (size_t r = 0; r < rows; r += stride, ++used) {
    const auto row = weights.subspan(r * columns, columns);
    double energy = 0.0;
    if (hessian.empty()) {
      for (const float weight : row) energy += static_cast<double>(weight) * static_cast<double>(weight);
    } else {
      energy = output_energy(row, hessian, product);
    }
    sum += row_weights[r] * energy;
  }
  return used == 0 ? 0.0 : sum * static_cast<double>(rows) / static_cast<double>(used);
}

}  // namespace golf
