#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// A tensor whose steps are tunable, and how much is lost in it.
struct TunableTensor {
  size_t index = 0;  ///< among the tensors of the model
  uint64_t weights = 0;
  double loss = 0.0;  ///< of one weight, in a unit that all tensors share
};

/// A checkpoint and its recipe, with everything done that does not depend on the tunable steps: those of the
/// schemes ecsq and tcq without a number.
///
/// One number, the global step scale, sets them all. A tensor's step size is the global step scale times the
/// tensor's step weight, which makes the slope of error against bytes the same everywhere:
/// weight² = 1 / (g · d), where g weighs a row's error and d a column's. d is the diagonal of the Hessian H,
/// or with error feedback the D of its factor (the geometric mean with per-input-channel scales, else the
/// mean), 1 without a Hessian.
///
/// Where the calibration has the diagonal Fisher, f of each row, an error e of a row raises the loss by
/// g · eHeᵀ / 2 with g = f · columns / tr H: the Fisher information is taken as a Kronecker product of rows
/// and inputs (Martens and Grosse, 2015). g is the mean over the rows, or with per-output-channel scales the
/// geometric mean; the rows' steps are then proportional to 1/√g. Elsewhere the error that counts is that of
/// the outputs relative to their energy, an equal share for each weight, with embeddings, head and tables
/// counted 64 times: g = importance · columns / E, where E is the mean energy of an output, wHwᵀ; without a
/// Hessian H is the identity.
class Quantizer {
 public:
  /// About 5 bits a weight in the blocks, 8 in the embeddings.
  static constexpr double kDefaultStepScale = 0.125;

  /// Borrows the tensors and the options' calibration.
  /// @throws Error kInvalidArgument: an override that matches nothing, no rule for a tensor, a scheme that
  /// does not take the tensor's dtype or shape or that needs statistics which are not there; kCorruptData:
  /// non-finite values, a Hessian that is not positive semidefinite; kUnsupported: values outside what the
  /// scheme can hold; kMismatch: a calibration of another model. All name the tensor.
  Quantizer(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options);
  ~Quantizer();
  Quantizer(Quantizer&&) noexcept;

  /// How many weights have tunable steps.
  /// @param as_float16  indices of tensors that become float16 and do not count
  uint64_t tunable_weights(const std::set<size_t>& as_float16 = {}) const;
  /// The model with tunable steps at that global step scale; the same whatever the number of threads.
  /// @param as_float16  indices of tunable tensors that become float16 instead
  StoredModel quantize(double step_scale = kDefaultStepScale, const std::set<size_t>& as_float16 = {}) const;
  /// A function from a global step scale to the bytes that the model takes, about: order-0 entropies of a
  /// sample of its weights, as they are rounded without trellis and feedback. It falls as the scale grows. A
  /// call takes some nanoseconds a sampled weight. Borrows nothing.
  std::function<double(double)> estimated_bytes(const std::set<size_t>& as_float16 = {}) const;
  /// The tunable tensors that float16 can hold, in the model's order.
  /// @param model  what quantize() gave
  std::vector<TunableTensor> tunable_tensors(const StoredModel& model) const;
  /// The normalized mean squared error (NMSE) of the outputs: the energy of their errors relative to that of
  /// the outputs, averaged over all tensors of integers by weights and importance. It predicts only which of
  /// two models of one checkpoint loses more. With a Hessian at most 64 rows of a matrix are evaluated.
  /// @param model  what quantize() gave
  double nmse(const StoredModel& model) const;
  /// The predicted quantization gap: the rise of the mean loss, nats a token, to second order, each tensor on
  /// its own: g · eHeᵀ / 2 summed over the rows (at most 256 of a matrix with a Hessian). Nothing when the
  /// calibration lacks the diagonal Fisher for a tensor of integers.
  /// @param model  what quantize() gave
  std::optional<double> predicted_gap(const StoredModel& model) const;

 private:
  struct Tensors;
  std::unique_ptr<Tensors> tensors_;
};

}  // namespace golf
