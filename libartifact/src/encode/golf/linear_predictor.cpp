#include "encode/golf/linear_predictor.h"

#include <algorithm>
#include <bit>

#include "encode/golf/fixed_math.h"

namespace golf {
namespace {

constexpr int kWeightBits = 14;
constexpr int kProductBits = 26;
constexpr int64_t kMaxProduct = (int64_t{1} << 27) - 1;
constexpr int kMaxScaleLog = 16 * 8;
constexpr int kMinScaleLog = -16 * 3;
/// Columns whose sums over all earlier residuals are computed together, so that the residuals pass through
/// the cache once.
constexpr size_t kPanel = 16;
constexpr size_t kStrip = 64;  ///< rows at a time

int16_t saturate16(int64_t value) {
  return static_cast<int16_t>(std::clamp<int64_t>(value, -32'767, 32'767));
}

/// sums[r] += weight · residuals[r]. Sums wrap, here and below, in the same way in encoder and decoder.
void add_scaled(int16_t weight, const int16_t* residuals, size_t rows, uint32_t* sums) {
  for (size_t r = 0; r < rows; ++r) {
    sums[r] += static_cast<uint32_t>(int32_t{weight} * int32_t{residuals[r]});
  }
}

/// 16-bit factors: every processor multiplies eight of them at a time.
int32_t dot(const int16_t* a, const int16_t* b, size_t count) {
  uint32_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(int32_t{a[i]} * int32_t{b[i]});
  return static_cast<int32_t>(sum);
}

/// A matrix of 28-bit numbers as v = high · 2^12 + low, row-major.
class SplitMatrix {
 public:
  explicit SplitMatrix(size_t columns)
      : columns_(columns), high_(columns * columns), low_(columns * columns) {}

  void set(size_t i, size_t j, int32_t value) {
    high_[i * columns_ + j] = static_cast<int16_t>(value >> 12);
    low_[i * columns_ + j] = static_cast<int16_t>(value & 0xfff);
  }
  /// Σ v[i][k] · weights[k] over k < count.
  int64_t row_dot(size_t i, const int16_t* weights, size_t count) const {
    return int64_t{dot(&high_[i * columns_], weights, count)} * (1 << 12) +
           dot(&low_[i * columns_], weights, count);
  }

 private:
  size_t columns_;
  std::vector<int16_t> high_;
  std::vector<int16_t> low_;
};

}  // namespace

LinearPredictor::LinearPredictor(const PredictorOptions& options, Moments start)
    : options_(options),
      moments_(std::move(start)),
      columns_(options.given + options.columns),
      weights_(columns_ * columns_),
      scale_logs_(columns_) {
  if (moments_.rows == 0) {
    moments_ = {options.given, options.columns, 0, std::vector<int64_t>(columns_ * columns_)};
  } else {
    refit_if_due();
  }
}

// A factor of the covariance multiplies the residuals of earlier columns, a factor of its inverse their
// values.
const int16_t* LinearPredictor::inputs(size_t column) const {
  return &(options_.kind == PredictionKind::kInverseCovariance ? values_ : residuals_)[column * rows_];
}
int LinearPredictor::input_shift() const {
  return options_.kind == PredictionKind::kInverseCovariance ? kWeightBits - 4 : kWeightBits;
}

void LinearPredictor::begin_block(size_t rows, std::span<const int16_t> given) {
  rows_ = rows;
  column_ = 0;
  values_.resize(columns_ * rows);
  residuals_.resize(columns_ * rows);
  sums_.resize(kPanel * rows);
  means_.resize(rows);
  while (column_ < options_.given) {
    predict();
    observe(given.subspan(column_ * rows, rows));
  }
}

void LinearPredictor::start_panel() {
  std::fill(sums_.begin(), sums_.end(), 0U);
  const size_t end = std::min(columns_, column_ + kPanel);
  for (size_t strip = 0; strip < rows_; strip += kStrip) {
    const size_t count = std::min(kStrip, rows_ - strip);
    for (size_t k = 0; k < std::min(column_, factors()); ++k) {
      const int16_t* input = inputs(k) + strip;
      for (size_t c = column_; c < end; ++c) {
        add_scaled(weights_[c * columns_ + k], input, count, &sums_[(c - column_) * rows_ + strip]);
      }
    }
  }
}

std::span<const int16_t> LinearPredictor::predict() {
  if (!has_weights()) {
    std::fill(means_.begin(), means_.end(), int16_t{0});
    return means_;
  }
  const size_t in_panel = column_ % kPanel;
  if (in_panel == 0) start_panel();
  uint32_t* sums = &sums_[in_panel * rows_];
  for (size_t k = column_ - in_panel; k < std::min(column_, factors()); ++k) {
    add_scaled(weights_[column_ * columns_ + k], inputs(k), rows_, sums);
  }
  const int shift = input_shift();
  for (size_t r = 0; r < rows_; ++r) {
    const int32_t mean = static_cast<int32_t>(sums[r] + (1U << (shift - 1))) >> shift;
    means_[r] = static_cast<int16_t>(std::clamp(mean, -2'048, 2'047));
  }
  return means_;
}

void LinearPredictor::observe(std::span<const int16_t> values) {
  int16_t* kept = &values_[column_ * rows_];
  int16_t* residuals = &residuals_[column_ * rows_];
  for (size_t r = 0; r < rows_; ++r) {
    kept[r] = values[r];
    residuals[r] = static_cast<int16_t>(unit() * values[r] - means_[r]);
  }
  ++column_;
}

void LinearPredictor::end_block() {
  accumulate();
  refit_if_due();
}

void LinearPredictor::refit_if_due() {
  const uint64_t fresh = moments_.rows - fitted_rows_;
  if (fresh >= std::max<uint64_t>(columns_, fitted_rows_) >> options_.refit_shift) factorize();
}

void LinearPredictor::accumulate() {
  for (size_t i = 0; i < columns_; ++i) {
    int64_t* products = &moments_.products[i * columns_];
    for (size_t j = 0; j < std::min(i, factors()); ++j) {
      products[j] += dot(&values_[i * rows_], &values_[j * rows_], rows_);
    }
    products[i] += dot(&values_[i * rows_], &values_[i * rows_], rows_);
  }
  moments_.rows += rows_;
}

void LinearPredictor::factorize() {
  fitted_rows_ = moments_.rows;
  const std::vector<int64_t>& products = moments_.products;
  const auto rows = static_cast<int64_t>(moments_.rows);
  const uint32_t prior_rows = options_.prior_rows;
  // The largest diagonal element, with its part of the prior, gets 26 bits.
  int64_t largest = 1;
  int64_t trace = 1;
  for (size_t i = 0; i < columns_; ++i) {
    const int64_t square = products[i * columns_ + i];
    largest = std::max(largest, square);
    trace += square;
  }
  // largest · prior / rows, without overflow.
  largest += largest / rows * prior_rows + largest % rows * prior_rows / rows;
  const int shift = kProductBits - static_cast<int>(std::bit_width(static_cast<uint64_t>(largest)));
  const auto scaled = [&](int64_t value) {
    return shift >= 0 ? value * (int64_t{1} << shift) : value >> -shift;
  };

  // Matrix = products + prior on the diagonal = L · D · Lᵀ with L unit triangular; `unscaled` holds L · D.
  // For the inverse of a covariance the last column comes first, so that the factor predicts the later from
  // the earlier columns all the same.
  const bool inverse = options_.kind == PredictionKind::kInverseCovariance;
  const auto column_at = [&](size_t step) { return inverse ? columns_ - 1 - step : step; };
  std::vector<int16_t> factor(columns_ * columns_);
  SplitMatrix unscaled(columns_);
  const int32_t log_prior = log2_q16(std::max<uint32_t>(prior_rows, 1));
  const int32_t log_rows = log2_q16(moments_.rows + prior_rows);
  const int32_t log_mean_variance =
      log2_q16(static_cast<uint64_t>(trace)) - log2_q16(columns_ * moments_.rows);
  for (size_t j = 0; j < columns_; ++j) {
    const size_t column = column_at(j);
    const int16_t* factor_j = &factor[j * columns_];
    const int64_t own = scaled(products[column * columns_ + column]);
    const int64_t with_prior = std::min(own + own * prior_rows / rows, kMaxProduct);
    const size_t steps = std::min(j, factors());
    const auto left_of = [&](size_t i, int64_t start) {
      const int64_t rest = start - (unscaled.row_dot(i, factor_j, steps) >> kWeightBits);
      return static_cast<int32_t>(std::clamp(rest, -kMaxProduct, kMaxProduct));
    };
    const int32_t pivot = left_of(j, with_prior);
    unscaled.set(j, j, pivot);
    const int64_t divisor = std::max<int64_t>({pivot, with_prior >> 8, 1});
    for (size_t i = j + 1; i < columns_ && j < factors(); ++i) {
      const size_t left = std::min(column, column_at(i));
      const size_t right = std::max(column, column_at(i));
      const int32_t value = left_of(i, scaled(products[right * columns_ + left]));
      unscaled.set(i, j, value);
      const int16_t weight = saturate16(int64_t{value} * (1 << kWeightBits) / divisor);
      factor[i * columns_ + j] = weight;
      weights_[right * columns_ + left] = static_cast<int16_t>(inverse ? -weight : weight);
    }
    // log2 of the variance left; half of it is the scale's logarithm.
    const int32_t log_divisor = log2_q16(static_cast<uint64_t>(divisor)) - shift * (1 << 16);
    const int32_t log_variance =
        inverse ? log_prior + 2 * log_mean_variance - log_divisor : log_divisor - log_rows;
    scale_logs_[column] = std::clamp((log_variance + (1 << 12)) >> 13, kMinScaleLog, kMaxScaleLog);
  }
}

}  // namespace golf
