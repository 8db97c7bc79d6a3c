// Schemes of integers with a scale, a row of a matrix or a whole tensor sharing one. A scheme is its function
// and its row in the list at the end.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "golf/artifact/base/half.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "quantize/scaled_integers.h"

namespace golf {
namespace {

/// Integers of `bits` (4…8) bits over the full range of each row, without clipping.
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, A = max |w|:
/// scale = f16(max(A/Q, 2^−14)), q = clamp(round_half_even(w / scale), −Q, Q). The division uses the rounded
/// scale, the one that decodes, so that |w − q·scale| ≤ scale/2 up to the rounding of A/Q. 2^−14 is float16's
/// smallest normal number: a subnormal scale would be coarse. The range is symmetric: −2^(bits−1) would be
/// used by nothing but rounding accidents. Other ranks: one scale for all elements, max(A/Q, 2^−126), kept as
/// a 0-dim float32.
template <int bits>
StoredTensor store_full_range(const Tensor& tensor) {
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  return store_by_scale_rule(tensor, bits,
                             [&](std::span<const float> values) { return max_magnitude(values) / limit; });
}

constexpr double kClipQuantile = 99.99984 / 100.0;

void clip_values(std::span<const float> weights, float clip, std::span<float> clipped) {
  std::transform(weights.begin(), weights.end(), clipped.begin(),
                 [clip](float w) { return std::min(std::max(w, -clip), clip); });
}

/// The upstream reference's int8 ("Q8"; `bits` 8) and PR 192's int6 (`bits` 6), to the bit.
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, C = 0.9999984-quantile of |w|:
/// scale = max(C/Q, 1/Q) in float32; q = clamp(round_half_even(clip(w, ±C) / scale), ±Q). The division uses
/// the float32 scale, but what is stored, and decodes, is the scale rounded to float16. The floor 1/Q gives
/// nearly every row the same step. Other ranks: one C over all elements, scale = C/Q (1 when that is 0),
/// stored as a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: docs/SUBMISSIONS.md, upstream reference and PR 192, Artifact.
template <int bits>
StoredTensor store_clipped(const Tensor& tensor) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, bits);
  const auto quantized = stored.values.values<int8_t>();
  const auto limit = static_cast<float>((1 << (bits - 1)) - 1);
  if (stored.encoding == Encoding::kIntPerTensor) {
    std::vector<float> clipped(weights.all().size());
    const float clip = magnitude_quantile(weights.all(), kClipQuantile);
    const float scale = clip / limit > 0 ? clip / limit : 1.0F;
    stored.scales.values<float>()[0] = scale;
    clip_values(weights.all(), clip, clipped);
    quantize_values(clipped, scale, limit, quantized);
    return stored;
  }
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  std::vector<float> clipped(columns);
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const float clip = magnitude_quantile(values, kClipQuantile);
    const float scale = std::max(clip / limit, 1.0F / limit);
    scales[row] = finite_f16_scale(scale, row);
    clip_values(values, clip, clipped);
    quantize_values(clipped, scale, limit, quantized.subspan(row * columns, columns));
  }
  return stored;
}

/// Integers of `bits` with each row clipped at `deviations` of its standard deviations ("SDClip").
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, S = its standard deviation (divided by n − 1, sums
/// in float64): scale = f16(max(deviations · S / Q, 2^−14)), q = clamp(round_half_even(w / scale), ±Q). Other
/// ranks: one scale for all elements, max(deviations · S / Q, 2^−126), kept as a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: PR 1394 and its descendants, with 12.85 for int6 and 20 for int8 embeddings. Thread-safe.
template <int bits>
StoredTensor store_clipped_at_deviations(const Tensor& tensor, double deviations) {
  const double limit = (1 << (bits - 1)) - 1;
  return store_by_scale_rule(tensor, bits, [&](std::span<const float> values) {
    return static_cast<float>(deviations * standard_deviation(values) / limit);
  });
}

constexpr int kInt6 = 6;
constexpr float kInt6Limit = 31.0F;
constexpr float kFloor = 1.0F / kInt6Limit;
constexpr IntRange kSymmetric = {-31.0F, 31.0F};
constexpr IntRange kAsymmetric = {-32.0F, 31.0F};

float quotient(float largest) { return largest / kInt6Limit; }
float quotient_pr1046(float largest) { return std::max(quotient(largest), 1e-12F); }
float scale_pr262(float largest) { return largest > 0 ? quotient(largest) : 1.0F; }

struct RowScale {
  float stored;   ///< before its rounding to float16
  float divisor;  ///< what the row is divided by
};
RowScale row_scale_pr88(float largest) {
  const float scale = std::max(quotient(largest), kFloor);
  return {scale, scale};
}
RowScale row_scale_pr262(float largest) {
  const float scale = std::max(quotient(largest), kFloor);
  return {scale, f16_to_f32(f32_to_f16(scale))};
}
RowScale row_scale_pr1046(float largest) {
  const float rounded = f16_to_f32(f32_to_f16(quotient_pr1046(largest)));
  const float scale = std::max(rounded, kSmallestNormalF16);
  return {scale, scale};
}

StoredTensor store_rows(const Tensor& tensor, const FloatValues& weights, RowScale (*rule)(float),
                        IntRange range) {
  StoredTensor stored = make_int_tensor(tensor, kInt6);
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto quantized = stored.values.values<int8_t>();
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t row = 0; row < scales.size(); ++row) {
    const auto values = weights.row(row, columns);
    const RowScale scale = rule(max_magnitude(values));
    scales[row] = finite_f16_scale(scale.stored, row);
    quantize_values(values, scale.divisor, range, quantized.subspan(row * columns, columns));
  }
  return stored;
}

/// The int6 of three submissions, each to the bit. They differ in the floor under the scale, in which scale
/// divides, and in the range. A is the largest magnitude of a row, or of the tensor for ranks other than 2.
///
/// | PR    | scale of a row                     | divides  | range    | other ranks                      |
/// |-------|------------------------------------|----------|----------|----------------------------------|
/// | 88    | max(A/31, 1/31), stored as f16     | float32  | −31 … 31 | the reference's int8             |
/// | 262   | f16(max(A/31, 1/31))               | the f16  | −32 … 31 | f16(A/31), 1 when A = 0          |
/// | 1046  | max(f16(max(A/31, 1e−12)), 2^−14)  | the f16  | −32 … 31 | f16(max(A/31, 1e−12)), no floor  |
///
/// −32 comes of a scale that float16 rounds down. Where the one scale of another rank is zero in float16 the
/// submissions divide by it; here q = 0, which decodes to the same values.
/// All throw Error kUnsupported when a scale does not fit in float16.
/// Source: docs/SUBMISSIONS.md, PR 88, PR 262 and PR 1046, Artifact.
StoredTensor store_int6_pr88(const Tensor& tensor) {
  if (tensor.rank() != 2) return store_clipped<8>(tensor);
  return store_rows(tensor, FloatValues(tensor), row_scale_pr88, kSymmetric);
}

StoredTensor store_int6_pr262(const Tensor& tensor) {
  const FloatValues weights(tensor);
  if (tensor.rank() == 2) return store_rows(tensor, weights, row_scale_pr262, kAsymmetric);
  return store_with_f16_scale(tensor, kInt6, scale_pr262(max_magnitude(weights.all())), kAsymmetric);
}

StoredTensor store_int6_pr1046(const Tensor& tensor) {
  const FloatValues weights(tensor);
  if (tensor.rank() == 2) return store_rows(tensor, weights, row_scale_pr1046, kAsymmetric);
  return store_with_f16_scale(tensor, kInt6, quotient_pr1046(max_magnitude(weights.all())), kAsymmetric);
}

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
    scales[row] = finite_f16_scale(std::max(clip / kInt6Limit, 1.0F / kInt6Limit), row);
    const float scale = f16_to_f32(scales[row]);
    quantize_values(values, scale, kInt6Limit, codes);
    error += squared_error(values, codes, scale);
  }
  return static_cast<float>(error / static_cast<double>(std::max<size_t>(quantized.size(), 1)));
}

/// PR 993's int6, to the bit: one clipping quantile for the whole matrix, found by search.
///
/// For p in 0.999, 0.9995, 0.9999, 0.99999, 1, in that order: for each row C = p-quantile of |w|,
/// s = f16(max(C/31, 1/31)), q = clamp(round_half_even(w / s), ±31). Kept is the p whose error, the mean over
/// the matrix of (w − q·s)² (terms in float32, summed in float64, compared in float32), is strictly least;
/// the first wins ties. With every row below 1 the floor decides, and all p are the same. Ranks other than 2
/// take one scale f16(A/31), with A the largest magnitude, 1 when that is 0.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: docs/SUBMISSIONS.md, PR 993, Artifact.
StoredTensor store_int6_pr993(const Tensor& tensor) {
  const FloatValues weights(tensor);
  const float largest = max_magnitude(weights.all());
  if (tensor.rank() != 2) {
    return store_with_f16_scale(tensor, kInt6, largest > 0 ? largest / kInt6Limit : 1.0F,
                                {-kInt6Limit, kInt6Limit});
  }
  StoredTensor best = make_int_tensor(tensor, kInt6);
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

constexpr std::array kSchemes = {
    SchemeRow{"int4", "integers in ±7, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_full_range<4>},
    SchemeRow{"int5", "integers in ±15, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_full_range<5>},
    SchemeRow{"int6", "integers in ±31, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_full_range<6>},
    SchemeRow{"int7", "integers in ±63, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_full_range<7>},
    SchemeRow{"int8", "integers in ±127, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_full_range<8>},
    SchemeRow{"int8-clip", "the upstream reference's int8: clipping quantile, scale at least 1/127",
              SchemeKind::kIntegers, store_clipped<8>},
    SchemeRow{"int6-pr88", "PR 88's int6: no clipping, scale at least 1/31, ±31", SchemeKind::kIntegers,
              store_int6_pr88},
    SchemeRow{"int6-pr192", "PR 192's int6: int8-clip with ±31 and 1/31", SchemeKind::kIntegers,
              store_clipped<6>},
    SchemeRow{"int6-pr262", "PR 262's int6: as PR 88's, but divided by the float16 scale, -32 to 31",
              SchemeKind::kIntegers, store_int6_pr262},
    SchemeRow{"int6-pr993", "PR 993's int6: the clipping quantile with the least error, scale at least 1/31",
              SchemeKind::kIntegers, store_int6_pr993},
    SchemeRow{"int6-pr1046", "PR 1046's int6: no clipping, no 1/31, divided by the float16 scale, -32 to 31",
              SchemeKind::kIntegers, store_int6_pr1046},
    SchemeRow{"int4-sd", "integers in ±7, rows clipped at NUMBER standard deviations: int4-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_clipped_at_deviations<4>},
    SchemeRow{"int5-sd", "integers in ±15, rows clipped at NUMBER standard deviations: int5-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_clipped_at_deviations<5>},
    SchemeRow{"int6-sd", "integers in ±31, rows clipped at NUMBER standard deviations: int6-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_clipped_at_deviations<6>},
    SchemeRow{"int7-sd", "integers in ±63, rows clipped at NUMBER standard deviations: int7-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_clipped_at_deviations<7>},
    SchemeRow{"int8-sd", "integers in ±127, rows clipped at NUMBER standard deviations: int8-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_clipped_at_deviations<8>},
};

}  // namespace

std::span<const SchemeRow> integer_schemes() { return kSchemes; }

}  // namespace golf
