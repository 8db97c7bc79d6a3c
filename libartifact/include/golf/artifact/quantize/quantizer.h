#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// A tensor whose steps are free, and what is lost in it.
struct FreeTensor {
  size_t index = 0;  ///< among those of the model
  uint64_t weights = 0;
  double loss = 0.0;  ///< of one weight, in a unit that all share
};

/// A checkpoint and what a recipe says of it, with everything done that does not depend on the free steps:
/// those of the schemes ecsq and tcq without a number.
///
/// One number, the level, sets them all. A tensor's spacing is level · unit, and its unit makes the slope of
/// error against bytes the same everywhere: unit² = 1 / (g · d), with g the weight of a row's error and d
/// that of a column's: H's diagonal or with feedback the D of its factor (with steps per column the geometric
/// mean, else the mean), 1 without moments.
///
/// Where the calibration has squares of the gradient, f of each row, an error e of a row raises the loss by
/// g · eHeᵀ / 2 with g = f · columns / tr H, the Fisher information taken as a Kronecker product of rows and
/// inputs (Martens and Grosse, 2015): g is the mean over the rows, or with steps per row the geometric mean,
/// the rows' steps going with 1/√g. Elsewhere the error that counts is that of the outputs relative to their
/// energy, an equal share for each weight, that of embeddings, head and tables 64 times:
/// g = importance · columns / E, with E the mean energy of an output, wHwᵀ; without moments H is the
/// identity.
class Quantizer {
 public:
  /// About 5 bits a weight in the blocks, 8 in the embeddings.
  static constexpr double kDefaultLevel = 0.125;

  /// Borrows the tensors and the options' calibration.
  /// @throws Error kInvalidArgument: an override that matches nothing, no rule for a tensor, a scheme that
  /// does not take the tensor's dtype or shape or that needs statistics which are not there; kCorruptData:
  /// non-finite values, moments that are none; kUnsupported: values outside what the scheme can hold;
  /// kMismatch: a calibration of another model. All name the tensor.
  Quantizer(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options);
  ~Quantizer();
  Quantizer(Quantizer&&) noexcept;

  /// Weights whose steps are free.
  /// @param as_float16  indices of tensors that do not count, becoming float16
  uint64_t free_weights(const std::set<size_t>& as_float16 = {}) const;
  /// The model with free steps of that level; the same whatever the number of threads.
  /// @param as_float16  indices of free tensors that become float16 instead
  StoredModel quantize(double level = kDefaultLevel, const std::set<size_t>& as_float16 = {}) const;
  /// Those that float16 can hold, in the model's order.
  /// @param model  what quantize() gave
  std::vector<FreeTensor> free_tensors(const StoredModel& model) const;
  /// What the level trades against bytes: the energy of the outputs' errors relative to that of the outputs,
  /// the mean over all tensors of integers, by weights and importance. A prediction of nothing but the order
  /// in which models of one checkpoint lose. With moments it is taken on at most 64 rows of a matrix.
  /// @param model  what quantize() gave
  double relative_error(const StoredModel& model) const;
  /// By how much the model's mean loss is expected to rise, nats a token: to second order, tensors on their
  /// own, g · eHeᵀ / 2 summed over the rows (of matrices with moments at most 256). Nothing when the
  /// calibration lacks squares of the gradient for a tensor of integers.
  /// @param model  what quantize() gave
  std::optional<double> loss_increase(const StoredModel& model) const;

 private:
  struct Tensors;
  std::unique_ptr<Tensors> tensors_;
};

}  // namespace golf
