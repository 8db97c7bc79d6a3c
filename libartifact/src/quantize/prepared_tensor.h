#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/moment_factor.h"
#include "quantize/scheme_assignment.h"

namespace golf {

/// One tensor on its way through the Quantizer: done, or waiting for its steps. Borrows source and
/// statistics.
class PreparedTensor {
 public:
  /// @throws Error as the Quantizer does, without the tensor's name
  PreparedTensor(const Assignment& assignment, double prune_fraction);

  bool is_free() const { return !done_; }
  uint64_t weights() const { return static_cast<uint64_t>(source_->elements()); }
  /// What a relative error of its outputs weighs when nothing better is known.
  double importance() const { return importance_; }

  /// By how much more than without, in the logarithm, its errors weigh as its gradients say; nothing where
  /// there are none.
  std::optional<double> log_gradient_weight() const;
  /// Decides the unit of free steps, as the Quantizer's comment has it.
  /// @param log_scale  brings gradient weights to the scale of the relative ones
  void set_unit(double log_scale);
  StoredTensor stored(double level) const;
  bool fits_float16() const;
  /// In place of steps. @throws Error kUnsupported when it does not fit
  StoredTensor as_float16() const;

  /// Mean energy of the outputs' errors, in that of the outputs; nothing for floats and for weights of 0.
  std::optional<double> relative_error(const StoredTensor& stored) const;
  /// By how much the errors raise the loss, nats a token, to second order; nothing without gradients. 0 for
  /// floats.
  std::optional<double> loss_increase(const StoredTensor& stored) const;

 private:
  void prepare_steps();
  std::vector<double> row_weights() const;
  double mean_energy(std::span<const float> values) const;
  std::vector<float> errors_of(const StoredTensor& stored) const;
  StoredTensor named(StoredTensor stored) const;
  StoredTensor on_grid(double spacing) const;

  Scheme scheme_;
  TensorStatistics known_;
  double importance_;
  std::optional<Tensor> pruned_;
  const Tensor* source_ = nullptr;
  std::string name_;
  DType original_dtype_ = DType::kF32;
  std::optional<MomentFactor> factor_;
  std::vector<double> column_weights_;
  std::vector<double> row_weights_;
  double root_mean_square_ = 0.0;
  double column_weight_ = 1.0;    ///< of an error, as steps see it: the mean, or the geometric mean
  double relative_weight_ = 0.0;  ///< of a row, from the outputs' energy and the importance
  double gradient_weight_ = 0.0;  ///< of a row, from the gradients; 0: unknown
  double unit_ = 0.0;
  std::optional<StoredTensor> done_;
};

}  // namespace golf
