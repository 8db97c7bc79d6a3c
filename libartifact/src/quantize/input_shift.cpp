#include "quantize/input_shift.h"

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Rows solved together: their numbers lie side by side, one vector a column.
constexpr size_t kLanes = 8;

/// a −= factor · b, lane by lane.
void subtract_lanes(double* a, double factor, const double* b) {
  for (size_t lane = 0; lane < kLanes; ++lane) a[lane] -= factor * b[lane];
}

/// Right sides b [columns, lanes], in the order of the steps, become the solutions of x·(M·D·Mᵀ) = b.
void solve_lanes(const HessianFactor& factor, std::vector<double>& b) {
  const size_t n = factor.size();
  for (size_t j = n; j-- > 0;) {
    const float* const m = factor.weights.data() + j * n;
    double* const solved = b.data() + j * kLanes;
    for (size_t k = 0; k < j; ++k) subtract_lanes(b.data() + k * kLanes, m[k], solved);
    for (size_t lane = 0; lane < kLanes; ++lane) solved[lane] /= factor.variances[j];
  }
  for (size_t j = 0; j < n; ++j) {
    const float* const m = factor.weights.data() + j * n;
    for (size_t k = 0; k < j; ++k) subtract_lanes(b.data() + j * kLanes, m[k], b.data() + k * kLanes);
  }
}

}  // namespace

std::vector<float> weights_for_inputs(std::span<const float> weights, std::span<const float> hessian,
                                      std::span<const float> cross, const HessianFactor& factor) {
  const size_t n = factor.size();
  const size_t rows = weights.size() / n;
  std::vector<double> difference(n * n);  // C − H, columns in the order of the steps
  for (size_t i = 0; i < n; ++i) {
    for (size_t step = 0; step < n; ++step) {
      const size_t at = i * n + factor.order[step];
      difference[i * n + step] = static_cast<double>(cross[at]) - static_cast<double>(hessian[at]);
    }
  }
  std::vector<float> shifted(weights.begin(), weights.end());
  std::vector<double> lanes(n * kLanes);
  for (size_t first = 0; first < rows; first += kLanes) {
    const size_t count = std::min(kLanes, rows - first);
    std::fill(lanes.begin(), lanes.end(), 0.0);
    for (size_t i = 0; i < n; ++i) {
      double of_input[kLanes] = {};
      for (size_t lane = 0; lane < count; ++lane) of_input[lane] = -weights[(first + lane) * n + i];
      for (size_t step = 0; step < n; ++step) {
        subtract_lanes(lanes.data() + step * kLanes, difference[i * n + step], of_input);
      }
    }
    solve_lanes(factor, lanes);
    for (size_t step = 0; step < n; ++step) {
      for (size_t lane = 0; lane < count; ++lane) {
        float& weight = shifted[(first + lane) * n + factor.order[step]];
        weight = static_cast<float>(weight + lanes[step * kLanes + lane]);
        if (!std::isfinite(weight)) {
          fail(ErrorCode::kCorruptData, "the cross moment takes the weights out of float32's range");
        }
      }
    }
  }
  return shifted;
}

}  // namespace golf
