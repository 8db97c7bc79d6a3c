#include "quantize/clip_search_int6.h"

#include <algorithm>
#include <array>
#include <limits>

#include "golf/artifact/base/half.h"
#include "quantize/float_values.h"
#include "quantize/int_tensor.h"
#include "quantize/magnitude_quantile.h"
#include "quantize/rounding.h"

namespace golf {
namespace {

constexpr int kBits = 6;
constexpr float kSteps = 31.0F;
constexpr std::array kQuantiles = {0.999, 0.9995, 0.9999, 0.99999, 1.0};

double squared_error(std::span<const float> weights, std::span<const int8_t> quantized, float scale) {
  double sum = 0.0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const float error = weights[i] - static_cast<float>(quantized[i]) * scale;
    sum += static_cast<double>(error * error);
  }
  return sum;
}

/// Fills values and scales for one quantile; returns the mean squared error.
float quantize_clipped_at(double quantile, const FloatValues& weights, StoredTensor& stored) {
  const auto columns = static_cast<size_t>(stored.values.shape[1]);
  const auto quantized = stored.values.values<int8_t>();
  const auto scales = stored.scales.values<uint16_t>();
  double error = 0.0;
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const auto codes = quantized.subspan(row * columns, columns);
    const float clip = magnitude_quantile(values, quantile);
    scales[row] = finite_f16_scale(std::max(clip / kSteps, 1.0F / kSteps), row);
    const float scale = f16_to_f32(scales[row]);
    quantize_values(values, scale, kSteps, codes);
    error += squared_error(values, codes, scale);
  }
  return static_cast<float>(error / static_cast<double>(std::max<size_t>(quantized.size(), 1)));
}

}  // namespace

StoredTensor store_clip_search_int6(const Tensor& tensor) {
  const FloatValues weights(tensor);
  const float largest = max_magnitude(weights.all());
  if (tensor.rank() != 2) {
    return store_with_f16_scale(tensor, kBits, largest > 0 ? largest / kSteps : 1.0F, {-kSteps, kSteps});
  }
  StoredTensor best = make_int_tensor(tensor, kBits);
  float least = quantize_clipped_at(kQuantiles.front(), weights, best);
  // Under the floor every quantile gives the same scales.
  if (largest <= 1.0F) return best;
  StoredTensor candidate = best;
  for (const double quantile : std::span(kQuantiles).subspan(1)) {
    const float error = quantize_clipped_at(quantile, weights, candidate);
    if (error < least) {
      least = error;
      std::swap(best, candidate);
    }
  }
  return best;
}

}  // namespace golf
