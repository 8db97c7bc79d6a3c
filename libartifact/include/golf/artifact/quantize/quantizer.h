#pragma once

#include <memory>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// A checkpoint and what a recipe says of it, with everything done that does not depend on the free steps:
/// those of the schemes ecsq and tcq without a number.
///
/// One number, the level, sets them all. A tensor's spacing is level · unit, and its unit makes the slope of
/// error against bytes the same everywhere, the error being that of the outputs relative to their energy, an
/// equal share for each weight, that of embeddings, head and tables 64 times:
/// unit² = E / (columns · d · importance), with E the mean energy of an output, wHwᵀ, and d the weight of a
/// column's error, H's diagonal or with feedback the D of its factor (with steps per column the geometric
/// mean, else the mean). Without moments H is the identity: the unit is then the tensor's root mean square
/// over the root of its importance.
class Quantizer {
 public:
  /// About 5 bits a weight in the blocks, 8 in the embeddings.
  static constexpr double kDefaultLevel = 0.125;

  /// Borrows the tensors and the options' calibration.
  /// @throws Error kInvalidArgument: an override that matches nothing, no rule for a tensor, a scheme that
  /// does not take the tensor's dtype or shape or that needs moments which are not there; kCorruptData:
  /// non-finite values, moments that are none; kUnsupported: values outside what the scheme can hold;
  /// kMismatch: a calibration of another model. All name the tensor.
  Quantizer(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options);
  ~Quantizer();
  Quantizer(Quantizer&&) noexcept;

  /// Weights whose steps are free.
  uint64_t free_weights() const;
  /// The model with free steps of that level; the same whatever the number of threads.
  StoredModel quantize(double level = kDefaultLevel) const;
  /// What the level trades against bytes: the energy of the outputs' errors relative to that of the outputs,
  /// the mean over all tensors of integers, by weights and importance. A prediction of nothing but the order
  /// in which models of one checkpoint lose. With moments it is taken on at most 64 rows of a matrix.
  /// @param model  what quantize() gave
  double relative_error(const StoredModel& model) const;

 private:
  struct Tensors;
  std::unique_ptr<Tensors> tensors_;
};

}  // namespace golf
