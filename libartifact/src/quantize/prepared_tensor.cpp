#include "quantize/prepared_tensor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/tensor_roles.h"
#include "quantize/error_feedback.h"
#include "quantize/float_values.h"
#include "quantize/input_shift.h"
#include "quantize/step_grid.h"

namespace golf {
namespace {

/// The weight of a relative error of embeddings, head and tables. At equal bytes the best steps for them were
/// a 7th to a 16th of the matrices' on three trained models (benchmarks/results/2026-11-22-quantizers.md).
constexpr double kEmbeddingImportance = 64.0;
/// This share of the mean is added to the rows' diagonal Fisher: rows that the text hardly used have a cost.
constexpr double kRowDamping = 0.05;

/// The matrix in float32 with its smallest magnitudes zero: those under the `fraction` quantile of |w|.
Tensor prune(const Tensor& tensor, double fraction) {
  std::vector<float> weights = to_f32(tensor);
  const float threshold = magnitude_quantile(weights, fraction);
  for (float& weight : weights) {
    if (std::fabs(weight) < threshold) weight = 0.0F;
  }
  return make_tensor<float>(DType::kF32, tensor.shape, weights);
}

double root_mean_square(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return values.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(values.size()));
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double geometric_mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += std::log2(value);
  return std::exp2(sum / static_cast<double>(values.size()));
}

double importance_of(std::string_view name) {
  const TensorRole role = role_of(name);
  return role == TensorRole::kEmbedding || role == TensorRole::kHead || role == TensorRole::kTable
             ? kEmbeddingImportance
             : 1.0;
}

std::vector<double> in_column_order(const HessianFactor& factor) {
  std::vector<double> variances(factor.size());
  for (size_t step = 0; step < factor.size(); ++step) variances[factor.order[step]] = factor.variances[step];
  return variances;
}

}  // namespace

PreparedTensor::PreparedTensor(const Assignment& assignment, double prune_fraction)
    : scheme_(assignment.scheme),
      known_(assignment.known),
      importance_(importance_of(assignment.source->name)) {
  const auto& [name, tensor] = *assignment.source;
  if (const auto odd = non_finite_element(tensor)) {
    fail(ErrorCode::kCorruptData, *odd + ", finite values expected");
  }
  const bool pruned =
      prune_fraction > 0 && scheme_.row->integers() && is_floating(tensor.dtype) && tensor.rank() == 2;
  if (pruned) {
    changed_ = prune(tensor, prune_fraction);
  } else if (is_float8(tensor.dtype) && scheme_.row->name != "keep") {
    changed_ = make_tensor<float>(DType::kF32, tensor.shape, to_f32(tensor));
  }
  source_ = changed_ ? &*changed_ : &tensor;
  if (scheme_.feedback) {
    factor_ = factor_hessian(known_.hessian,
                             scheme_.act_order ? ColumnOrder::kLargestFirst : ColumnOrder::kNatural);
    if (!known_.cross.empty()) {
      const std::vector<float> shifted =
          weights_for_inputs(FloatValues(*source_).all(), known_.hessian, known_.cross, *factor_);
      changed_ = make_tensor<float>(DType::kF32, tensor.shape, shifted);
      source_ = &*changed_;
    }
  }
  if (scheme_.row->kind == SchemeKind::kSteps) {
    prepare_tunable_steps();
  } else if (scheme_.row->kind == SchemeKind::kGptq) {
    done_ = scheme_.row->store_calibrated(*source_, *scheme_.number, known_.hessian, assignment.fine_columns);
  } else {
    done_ = scheme_.row->kind == SchemeKind::kNumber ? scheme_.row->store_at(*source_, *scheme_.number)
                                                     : scheme_.row->store(*source_);
    if (factor_) choose_values(FloatValues(*source_).all(), &*factor_, *done_);
  }
  if (scheme_.number && !done_) done_ = on_grid(*scheme_.number * root_mean_square_);
  original_dtype_ = changed_ && is_float8(tensor.dtype) ? DType::kF32 : tensor.dtype;
  name_ = name;
  if (done_) factor_.reset();
}

/// Computes how much errors weigh by column and by row.
void PreparedTensor::prepare_tunable_steps() {
  const FloatValues weights(*source_);
  root_mean_square_ = root_mean_square(weights.all());
  double mean_square = root_mean_square_ * root_mean_square_;
  if (!known_.hessian.empty()) {
    std::vector<double> errors = factor_ ? in_column_order(*factor_) : damped_diagonal(known_.hessian);
    const auto columns = static_cast<double>(errors.size());
    column_weight_ = scheme_.column_steps ? geometric_mean(errors) : mean(errors);
    if (scheme_.column_steps) column_weights_ = std::move(errors);
    const double energy = mean_energy(weights.all());
    // Weights whose inputs were always 0 keep the mean square of the weights.
    mean_square = energy > 0 ? energy / columns : mean_square * column_weight_;
  }
  relative_weight_ = importance_ / mean_square;
  std::vector<double> rows = row_weights();
  if (rows.empty()) return;
  gradient_weight_ = mean(rows);
  if (gradient_weight_ == 0 || !scheme_.row_steps) return;
  for (double& row : rows) row += kRowDamping * gradient_weight_;
  gradient_weight_ = geometric_mean(rows);
  row_weights_ = std::move(rows);
}

/// The weight g of each row's error eHeᵀ; empty when unknown. The Fisher information of a weight is taken as
/// that of its row times the mean square of its input.
std::vector<double> PreparedTensor::row_weights() const {
  std::vector<double> rows(known_.fisher.begin(), known_.fisher.end());
  if (known_.hessian.empty()) return rows;
  const auto columns = static_cast<size_t>(source_->shape[1]);
  double trace = 0.0;
  for (size_t i = 0; i < columns; ++i) trace += known_.hessian[i * columns + i];
  for (double& row : rows) row *= static_cast<double>(columns) / trace;
  return rows;
}

std::optional<double> PreparedTensor::log_gradient_weight() const {
  if (gradient_weight_ == 0 || root_mean_square_ == 0) return std::nullopt;
  return std::log2(gradient_weight_ / relative_weight_);
}

void PreparedTensor::set_step_weight(double log_scale) {
  const double weight = gradient_weight_ > 0 ? gradient_weight_ * std::exp2(-log_scale) : relative_weight_;
  step_weight_ = 1.0 / std::sqrt(weight * column_weight_);
}

StoredTensor PreparedTensor::stored(double step_scale) const {
  return named(done_ ? *done_ : on_grid(step_size(step_scale)));
}

bool PreparedTensor::fits_float16() const {
  constexpr float kLargest = 65'504.0F;
  return max_magnitude(FloatValues(*source_).all()) <= kLargest;
}

StoredTensor PreparedTensor::as_float16() const { return named(scheme_row("fp16").store(*source_)); }

StoredTensor PreparedTensor::named(StoredTensor stored) const {
  stored.original_dtype = original_dtype_;
  stored.name = name_;
  return stored;
}

std::optional<double> PreparedTensor::nmse(const StoredTensor& stored) const {
  if (!scheme_.row->integers()) return std::nullopt;
  const double energy = mean_energy(FloatValues(*source_).all());
  if (energy <= 0) return std::nullopt;
  return mean_energy(errors_of(stored)) / energy;
}

std::optional<double> PreparedTensor::predicted_gap(const StoredTensor& stored) const {
  if (!scheme_.row->integers()) return 0.0;
  const std::vector<double> rows = row_weights();
  if (rows.empty()) return std::nullopt;
  return weighted_output_energy(errors_of(stored), rows, known_.hessian) / 2;
}

/// The mean energy of an output, for weights or for errors; without a Hessian that of a weight.
double PreparedTensor::mean_energy(std::span<const float> values) const {
  if (!known_.hessian.empty()) {
    return mean_output_energy(values, static_cast<size_t>(source_->shape[1]), known_.hessian);
  }
  const double root = root_mean_square(values);
  return root * root;
}

std::vector<float> PreparedTensor::errors_of(const StoredTensor& stored) const {
  const FloatValues weights(*source_);
  std::vector<float> errors = to_f32(dequantize(stored));
  for (size_t i = 0; i < errors.size(); ++i) errors[i] -= weights.all()[i];
  return errors;
}

GridChoice PreparedTensor::grid_choice(double step_size) const {
  return {.encoding = scheme_.row->encoding,
          .step_size = step_size,
          .row_weights = row_weights_,
          .column_weights = column_weights_,
          .feedback = factor_.has_value()};
}

RateSample PreparedTensor::rate_sample() const {
  return {FloatValues(*source_).all(), source_->shape, grid_choice(1.0)};
}

StoredTensor PreparedTensor::on_grid(double step_size) const {
  const FloatValues weights(*source_);
  // Where all weights are 0, any step size works.
  if (root_mean_square_ == 0) step_size = 1.0;
  StoredTensor stored = make_grid(*source_, weights.all(), grid_choice(step_size));
  choose_values(weights.all(), factor_ ? &*factor_ : nullptr, stored);
  return stored;
}

}  // namespace golf
