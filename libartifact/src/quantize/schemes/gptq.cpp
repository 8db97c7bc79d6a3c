// Schemes with GPTQ's error feedback, as PR 1394 and its descendants store matrices, and PR 1855's gate rows.
#include "quantize/gptq.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/half.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "quantize/hessian.h"
#include "quantize/scaled_integers.h"

namespace golf {
namespace {

/// float32(deviations · S / Q), at least 1e-10: the scale of a row before float16.
float clip_scale(std::span<const float> row, double deviations, float limit) {
  const auto deviation = static_cast<float>(standard_deviation(row));
  return std::max(static_cast<float>(deviations) * deviation / limit, 1e-10F);
}

/// The order of the columns and the damped Hessian in that order, dead columns having a diagonal of 1.
struct DampedHessian {
  std::vector<uint32_t> order;
  std::vector<bool> dead;
  std::vector<double> matrix;
};

DampedHessian damp(std::span<const float> hessian, size_t n) {
  DampedHessian damped{
      .order = std::vector<uint32_t>(n), .dead = std::vector<bool>(n), .matrix = std::vector<double>(n * n)};
  std::vector<double> diagonal(n);
  for (size_t i = 0; i < n; ++i) {
    damped.dead[i] = hessian[i * n + i] == 0;
    diagonal[i] = damped.dead[i] ? 1.0 : static_cast<double>(hessian[i * n + i]);
  }
  const double mean = std::accumulate(diagonal.begin(), diagonal.end(), 0.0) / static_cast<double>(n);
  // In float32, as the submissions sort: diagonals that are equal there keep the order of the columns.
  std::vector<float> keys(n);
  for (size_t i = 0; i < n; ++i) {
    keys[i] = static_cast<float>(diagonal[i]) + static_cast<float>(kDamping * mean);
    diagonal[i] += kDamping * mean;
  }
  std::iota(damped.order.begin(), damped.order.end(), 0U);
  std::stable_sort(damped.order.begin(), damped.order.end(),
                   [&](uint32_t a, uint32_t b) { return keys[a] > keys[b]; });
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) {
      damped.matrix[i * n + j] = hessian[damped.order[i] * n + damped.order[j]];
    }
    damped.matrix[i * n + i] = diagonal[damped.order[i]];
  }
  return damped;
}

/// target[r] += Σ_k weights[k] · errors[k·rows + r], in the order of k.
void add_errors(std::span<double> target, const double* weights, const double* errors, size_t count) {
  const size_t rows = target.size();
  for (size_t k = 0; k < count; ++k) {
    const double weight = weights[k];
    if (weight == 0) continue;
    for (size_t r = 0; r < rows; ++r) target[r] += weight * errors[k * rows + r];
  }
}

}  // namespace

StoredTensor store_gptq(const Tensor& tensor, const GptqRule& rule, std::span<const float> hessian) {
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, rule.bits);
  const auto rows = static_cast<size_t>(tensor.shape[0]);
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto limit = static_cast<float>((1 << (rule.bits - 1)) - 1);
  if (!rule.fine_starts.empty()) {
    stored.fine_columns = FineColumns{.starts = {rule.fine_starts.begin(), rule.fine_starts.end()},
                                      .size = rule.fine_size,
                                      .scales = make_tensor(DType::kF16, {tensor.shape[0]})};
  }
  std::vector<double> coarse(rows), fine(rows);
  for (size_t r = 0; r < rows; ++r) {
    const auto row = weights.row(r, columns);
    const uint16_t scale = finite_f16_scale(clip_scale(row, rule.deviations, limit), r);
    stored.scales.values<uint16_t>()[r] = scale;
    coarse[r] = f16_to_f32(scale);
    if (!stored.fine_columns) continue;
    const uint16_t finer = finite_f16_scale(clip_scale(row, rule.deviations, kFineLimit), r);
    stored.fine_columns->scales.values<uint16_t>()[r] = finer;
    fine[r] = f16_to_f32(finer);
  }
  if (rows == 0 || columns == 0) return stored;

  DampedHessian damped = damp(hessian, columns);
  const std::vector<double> variances = factor_in_place(damped.matrix, columns);
  const auto quantized = stored.values.values<int8_t>();
  std::vector<double> errors(columns * rows);  // of each step, side by side
  std::vector<double> target(rows);
  std::vector<bool> undefined(rows);  // rows of scale 0 that met 0/0
  for (size_t step = 0; step < columns; ++step) {
    const size_t column = damped.order[step];
    const bool is_fine = stored.fine_columns && stored.fine_columns->contains(static_cast<int64_t>(column));
    const std::vector<double>& scales = is_fine ? fine : coarse;
    const double most = is_fine ? kFineLimit : limit;
    for (size_t r = 0; r < rows; ++r) {
      target[r] = damped.dead[column] ? 0.0 : static_cast<double>(weights.all()[r * columns + column]);
    }
    std::vector<double> original = target;
    add_errors(target, damped.matrix.data() + step * columns, errors.data(), step);
    for (size_t r = 0; r < rows; ++r) {
      if (scales[r] == 0 && target[r] == 0) undefined[r] = true;
      if (undefined[r]) continue;
      const double q = scales[r] == 0 ? std::copysign(most, target[r])
                                      : std::clamp(std::nearbyint(target[r] / scales[r]), -most, most);
      quantized[r * columns + column] = static_cast<int8_t>(q);
      errors[step * rows + r] = original[r] - q * scales[r];
    }
  }
  return stored;
}

namespace {

template <int bits>
StoredTensor store_gptq_as(const Tensor& tensor, double deviations, std::span<const float> hessian,
                           const FineColumns* fine) {
  GptqRule rule{.bits = bits, .deviations = deviations};
  if (fine != nullptr) rule.fine_starts = fine->starts, rule.fine_size = fine->size;
  return store_gptq(tensor, rule, hessian);
}

/// PR 1855's rows of gates: scale = f16(max(A, 1e-10) / 127), q = clamp(round_half_even(w / scale), ±127), A
/// the largest magnitude. Where the scale is 0 in float16, q is ±127, or 0 for a weight of 0.
StoredTensor store_gate_rows(const Tensor& tensor) {
  if (tensor.rank() != 2) {
    fail(ErrorCode::kInvalidArgument, fmt::format("it needs a matrix, {} found", to_string(tensor.shape)));
  }
  const FloatValues weights(tensor);
  StoredTensor stored = make_int_tensor(tensor, 8);
  const auto columns = static_cast<size_t>(tensor.shape[1]);
  const auto scales = stored.scales.values<uint16_t>();
  for (size_t r = 0; r < scales.size(); ++r) {
    const auto row = weights.row(r, columns);
    scales[r] = finite_f16_scale(std::max(max_magnitude(row), 1e-10F) / kFineLimit, r);
    const float scale = f16_to_f32(scales[r]);
    for (size_t c = 0; c < columns; ++c) {
      stored.values.values<int8_t>()[r * columns + c] =
          nearest_integer(row[c], scale, {-kFineLimit, kFineLimit});
    }
  }
  return stored;
}

constexpr std::array kSchemes = {
    SchemeRow{"int4-gptq",
              "PR 1394's integers in ±7: rows clipped at NUMBER deviations, GPTQ: int4-gptq:NUMBER",
              SchemeKind::kGptq, nullptr, nullptr, Encoding::kPassthrough, store_gptq_as<4>, 4},
    SchemeRow{"int5-gptq", "integers in ±15 by the same rule: int5-gptq:NUMBER", SchemeKind::kGptq, nullptr,
              nullptr, Encoding::kPassthrough, store_gptq_as<5>, 5},
    SchemeRow{"int6-gptq", "integers in ±31 by the same rule: int6-gptq:12.85", SchemeKind::kGptq, nullptr,
              nullptr, Encoding::kPassthrough, store_gptq_as<6>, 6},
    SchemeRow{"int7-gptq", "integers in ±63 by the same rule: int7-gptq:14", SchemeKind::kGptq, nullptr,
              nullptr, Encoding::kPassthrough, store_gptq_as<7>, 7},
    SchemeRow{"int8-gptq", "integers in ±127 by the same rule: int8-gptq:20", SchemeKind::kGptq, nullptr,
              nullptr, Encoding::kPassthrough, store_gptq_as<8>, 8},
    SchemeRow{"int8-gate", "PR 1855's rows of gates: integers in ±127, scales down to 0",
              SchemeKind::kIntegers, store_gate_rows},
};

}  // namespace

std::span<const SchemeRow> gptq_schemes() { return kSchemes; }

}  // namespace golf
