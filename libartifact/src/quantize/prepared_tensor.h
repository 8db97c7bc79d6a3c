#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/hessian.h"
#include "quantize/rate_model.h"
#include "quantize/scheme_assignment.h"

namespace golf {

/// One tensor of the Quantizer: quantized, or waiting for its step size. Borrows source and statistics.
class PreparedTensor {
 public:
  /// @throws Error as the Quantizer does, without the tensor's name
  PreparedTensor(const Assignment& assignment, double prune_fraction);

  bool is_tunable() const { return !done_; }
  bool is_gptq() const { return scheme_.row->kind == SchemeKind::kGptq; }
  /// The weights that were quantized.
  const Tensor& source() const { return *source_; }
  uint64_t weights() const { return static_cast<uint64_t>(source_->elements()); }
  /// The weight of a relative error of its outputs when the diagonal Fisher is unknown.
  double importance() const { return importance_; }

  /// log2 of the weight that the diagonal Fisher gives to errors, relative to the weight without it; nothing
  /// where there is none.
  std::optional<double> log_gradient_weight() const;
  /// Computes the step weight of a tunable tensor, as the Quantizer's comment says.
  /// @param log_scale  brings gradient weights to the scale of the relative ones
  void set_step_weight(double log_scale);
  StoredTensor stored(double step_scale) const;
  /// The step size at a step scale. Only for tunable tensors, as rate_sample().
  double step_size(double step_scale) const { return step_scale * step_weight_; }
  RateSample rate_sample() const;
  bool fits_float16() const;
  /// The tensor as float16 in place of integers. @throws Error kUnsupported when it does not fit
  StoredTensor as_float16() const;

  /// Mean energy of the outputs' errors relative to that of the outputs; nothing for floats and for weights
  /// of 0.
  std::optional<double> nmse(const StoredTensor& stored) const;
  /// The rise of the loss, nats a token, to second order; nothing without a diagonal Fisher, 0 for floats.
  std::optional<double> predicted_gap(const StoredTensor& stored) const;

 private:
  void prepare_tunable_steps();
  std::vector<double> row_weights() const;
  double mean_energy(std::span<const float> values) const;
  std::vector<float> errors_of(const StoredTensor& stored) const;
  StoredTensor named(StoredTensor stored) const;
  GridChoice grid_choice(double step_size) const;
  StoredTensor on_grid(double step_size) const;

  Scheme scheme_;
  TensorStatistics known_;
  double importance_;
  /// Pruned, shifted for the quantized model's inputs, or widened from float8, which no scheme restores to.
  std::optional<Tensor> changed_;
  const Tensor* source_ = nullptr;
  std::string name_;
  DType original_dtype_ = DType::kF32;
  std::optional<HessianFactor> factor_;
  std::vector<double> column_weights_;
  std::vector<double> row_weights_;
  double root_mean_square_ = 0.0;
  double column_weight_ = 1.0;    ///< of a column's error: the mean, or the geometric mean
  double relative_weight_ = 0.0;  ///< of a row's error, from the outputs' energy and the importance
  double gradient_weight_ = 0.0;  ///< of a row's error, from the diagonal Fisher; 0: unknown
  double step_weight_ = 0.0;
  std::optional<StoredTensor> done_;
};

}  // namespace golf
