#include "quantize/low_rank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/half.h"
#include "quantize/scaled_integers.h"

namespace golf {
namespace {

/// A symmetric matrix [n, n] and its eigenvectors, found by Householder reflections to tridiagonal form and
/// implicit QL steps (Golub and Van Loan, Matrix Computations, §8.3).
class SymmetricEigen {
 public:
  SymmetricEigen(std::vector<double> matrix, size_t n) : n_(n), vectors_(std::move(matrix)) {
    diagonal_.resize(n);
    off_.resize(n);
    tridiagonalize();
    diagonalize();
  }
  /// Indices of the eigenvalues, largest first.
  std::vector<size_t> order() const {
    std::vector<size_t> indices(n_);
    std::iota(indices.begin(), indices.end(), size_t{0});
    std::stable_sort(indices.begin(), indices.end(),
                     [&](size_t a, size_t b) { return diagonal_[a] > diagonal_[b]; });
    return indices;
  }
  double component(size_t i, size_t vector) const { return vectors_[vector * n_ + i]; }

 private:
  double* row(size_t i) { return vectors_.data() + i * n_; }

  /// Afterwards row k of vectors_ is row k of the accumulated transformation's transpose.
  void tridiagonalize() {
    std::vector<double> a = std::move(vectors_);
    vectors_.assign(n_ * n_, 0.0);
    std::vector<std::vector<double>> reflectors;
    std::vector<double> product(n_);
    const auto at = [&](size_t i, size_t j) -> double& { return a[i * n_ + j]; };
    for (size_t k = 0; k + 2 < n_; ++k) {
      std::vector<double> v(n_, 0.0);
      double norm = 0.0;
      for (size_t i = k + 1; i < n_; ++i) norm += at(k, i) * at(k, i);
      norm = std::sqrt(norm);
      if (norm > 0) {
        const double alpha = at(k, k + 1) > 0 ? -norm : norm;
        for (size_t i = k + 1; i < n_; ++i) v[i] = at(k, i);
        v[k + 1] -= alpha;
        double square = 0.0;
        for (size_t i = k + 1; i < n_; ++i) square += v[i] * v[i];
        if (square > 0) {
          const double scale = std::sqrt(2.0 / square);
          for (size_t i = k + 1; i < n_; ++i) v[i] *= scale;
        }
        // A − v·wᵀ − w·vᵀ with w = A·v − (vᵀA·v / 2)·v.
        double dot = 0.0;
        for (size_t i = k; i < n_; ++i) {
          double sum = 0.0;
          for (size_t j = k + 1; j < n_; ++j) sum += at(i, j) * v[j];
          product[i] = sum;
          dot += v[i] * sum;
        }
        for (size_t i = k; i < n_; ++i) product[i] -= dot / 2 * v[i];
        for (size_t i = k; i < n_; ++i) {
          for (size_t j = k; j < n_; ++j) at(i, j) -= v[i] * product[j] + product[i] * v[j];
        }
      }
      reflectors.push_back(std::move(v));
    }
    for (size_t i = 0; i < n_; ++i) {
      diagonal_[i] = at(i, i);
      if (i + 1 < n_) off_[i] = at(i, i + 1);
      row(i)[i] = 1.0;
    }
    // Row i of the identity times H_last … H_0.
    for (size_t i = 0; i < n_; ++i) {
      for (size_t k = reflectors.size(); k-- > 0;) {
        const std::vector<double>& v = reflectors[k];
        double dot = 0.0;
        for (size_t j = k + 1; j < n_; ++j) dot += row(i)[j] * v[j];
        for (size_t j = k + 1; j < n_; ++j) row(i)[j] -= dot * v[j];
      }
    }
  }

  /// Rotations of neighboring rows of vectors_ bring the tridiagonal matrix to diagonal form.
  void diagonalize() {
    constexpr int kMaxSteps = 60;
    for (size_t first = 0; first < n_; ++first) {
      for (int step = 0; step < kMaxSteps; ++step) {
        size_t last = first;
        while (last + 1 < n_ && std::fabs(off_[last]) >
                                    1e-15 * (std::fabs(diagonal_[last]) + std::fabs(diagonal_[last + 1]))) {
          ++last;
        }
        if (last == first) break;
        double g = (diagonal_[first + 1] - diagonal_[first]) / (2.0 * off_[first]);
        double r = std::hypot(g, 1.0);
        g = diagonal_[last] - diagonal_[first] + off_[first] / (g + (g >= 0 ? r : -r));
        double s = 1.0, c = 1.0, p = 0.0;
        bool split = false;
        for (size_t i = last; i-- > first;) {
          const double f = s * off_[i];
          const double b = c * off_[i];
          r = std::hypot(f, g);
          off_[i + 1] = r;
          if (r == 0) {
            diagonal_[i + 1] -= p;
            off_[last] = 0;
            split = true;
            break;
          }
          s = f / r;
          c = g / r;
          g = diagonal_[i + 1] - p;
          r = (diagonal_[i] - g) * s + 2.0 * c * b;
          p = s * r;
          diagonal_[i + 1] = g + p;
          g = c * r - b;
          double* const upper = row(i + 1);
          double* const lower = row(i);
          for (size_t k = 0; k < n_; ++k) {
            const double f_k = upper[k];
            upper[k] = s * lower[k] + c * f_k;
            lower[k] = c * lower[k] - s * f_k;
          }
        }
        if (split) continue;
        diagonal_[first] -= p;
        off_[first] = g;
        off_[last] = 0;
      }
    }
  }

  size_t n_;
  std::vector<double> vectors_;  ///< row k: eigenvector k
  std::vector<double> diagonal_;
  std::vector<double> off_;
};

float floored_max(std::span<const float> values) { return std::max(max_magnitude(values), 1e-10F); }

/// Integers low … high of values that share a scale f16(max / divisor); the scale.
uint16_t quantize_group(std::span<const float> values, float divisor, IntRange range,
                        std::span<int8_t> quantized) {
  const uint16_t scale = finite_f16_scale(floored_max(values) / divisor, std::nullopt);
  const float step = f16_to_f32(scale);
  for (size_t i = 0; i < values.size(); ++i) quantized[i] = nearest_integer(values[i], step, range);
  return scale;
}

/// Each row with its own scale.
Tensor quantize_rows(std::span<const float> values, Tensor& quantized) {
  const auto rows = static_cast<size_t>(quantized.shape[0]);
  const auto columns = static_cast<size_t>(quantized.shape[1]);
  Tensor scales = make_tensor(DType::kF16, {quantized.shape[0]});
  for (size_t r = 0; r < rows; ++r) {
    scales.values<uint16_t>()[r] = quantize_group(values.subspan(r * columns, columns), 7.0F, {-7.0F, 7.0F},
                                                  quantized.values<int8_t>().subspan(r * columns, columns));
  }
  return scales;
}

/// float(q) · scale, the scales being those of consecutive groups of equal size.
std::vector<float> scaled(const Tensor& quantized, const Tensor& scales) {
  const auto values = quantized.values<int8_t>();
  const std::vector<float> steps = to_f32(scales);
  const size_t group = values.size() / steps.size();
  std::vector<float> factor(values.size());
  for (size_t i = 0; i < factor.size(); ++i) factor[i] = static_cast<float>(values[i]) * steps[i / group];
  return factor;
}

}  // namespace

LowRankFactors low_rank_factors(std::span<const float> errors, size_t columns, size_t rank) {
  const size_t rows = columns == 0 ? 0 : errors.size() / columns;
  const bool wide = columns > rows;
  const size_t n = std::min(rows, columns);
  const size_t m = std::max(rows, columns);
  rank = std::min(rank, n);
  // Gram matrix of the smaller side; line i of `lines` is row i of E when wide, else column i.
  std::vector<double> lines(n * m);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) lines[wide ? r * m + c : c * m + r] = errors[r * columns + c];
  }
  std::vector<double> gram(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sums[4] = {};  // of every fourth product: one sum would wait for itself
      size_t k = 0;
      for (; k + 4 <= m; k += 4) {
        for (size_t l = 0; l < 4; ++l) sums[l] += lines[i * m + k + l] * lines[j * m + k + l];
      }
      for (; k < m; ++k) sums[0] += lines[i * m + k] * lines[j * m + k];
      gram[i * n + j] = gram[j * n + i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
  }
  const SymmetricEigen eigen(std::move(gram), n);
  const std::vector<size_t> order = eigen.order();
  LowRankFactors factors{
      .rank = rank, .a = std::vector<float>(rows * rank), .b = std::vector<float>(rank * columns)};
  for (size_t k = 0; k < rank; ++k) {
    std::vector<double> small(n);
    for (size_t i = 0; i < n; ++i) small[i] = eigen.component(i, order[k]);
    std::vector<double> large(m);  // S times the singular vector of the larger side
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < m; ++j) large[j] += small[i] * lines[i * m + j];
    }
    double square = 0.0;
    for (const double value : large) square += value * value;
    const double singular = std::sqrt(square);
    const std::vector<double>& u = wide ? small : large;
    const double peak =
        *std::max_element(u.begin(), u.end(), [](double x, double y) { return std::fabs(x) < std::fabs(y); });
    const double sign = peak > 0 ? -1.0 : 1.0;
    for (size_t r = 0; r < rows; ++r) {
      factors.a[r * rank + k] = static_cast<float>(sign * (wide ? small[r] * singular : large[r]));
    }
    for (size_t c = 0; c < columns; ++c) {
      const double unit = wide ? (singular > 0 ? large[c] / singular : 0.0) : small[c];
      factors.b[k * columns + c] = static_cast<float>(sign * unit);
    }
  }
  return factors;
}

LowRank quantize_low_rank(const LowRankFactors& factors, size_t group) {
  const auto rank = static_cast<int64_t>(factors.rank);
  LowRank correction;
  correction.a = make_tensor(DType::kI8, {static_cast<int64_t>(factors.a.size()) / rank, rank});
  correction.b = make_tensor(DType::kI8, {rank, static_cast<int64_t>(factors.b.size()) / rank});
  if (group == 0 || factors.b.size() % group != 0) {
    correction.scales = LowRank::Scales::kSymmetric;
    correction.a_scales = quantize_rows(factors.a, correction.a);
    correction.b_scales = quantize_rows(factors.b, correction.b);
    return correction;
  }
  correction.a_scales = make_tensor(DType::kF16, {});
  correction.a_scales.values<uint16_t>()[0] =
      quantize_group(factors.a, 1.5F, {-2.0F, 1.0F}, correction.a.values<int8_t>());
  const size_t groups = factors.b.size() / group;
  correction.b_scales = make_tensor(DType::kF16, {static_cast<int64_t>(groups)});
  for (size_t g = 0; g < groups; ++g) {
    correction.b_scales.values<uint16_t>()[g] =
        quantize_group(std::span(factors.b).subspan(g * group, group), 7.5F, {-8.0F, 7.0F},
                       correction.b.values<int8_t>().subspan(g * group, group));
  }
  return correction;
}

std::vector<float> low_rank_factor_a(const LowRank& correction) {
  return scaled(correction.a, correction.a_scales);
}
std::vector<float> low_rank_factor_b(const LowRank& correction) {
  return scaled(correction.b, correction.b_scales);
}

}  // namespace golf
