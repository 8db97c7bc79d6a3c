#pragma once

#include "golf/artifact/quantize/quantizer.h"

namespace golf {

struct GapFit {
  double level = 0.0;          ///< of the free steps
  double loss_increase = 0.0;  ///< Quantizer::loss_increase() of the model, nats a token
  int probes = 0;              ///< how many levels were tried
  /// The last under the limit; kUnreachable: even the finest steps lose more, the model is theirs;
  /// kCoarsest: there are no coarser steps.
  enum class End { kLanded, kUnreachable, kCoarsest } end = End::kLanded;
};

/// Of the limit: how near under it the fit must land.
inline constexpr double kGapWindow = 0.02;

/// Finds the coarsest steps, one level for all tensors, whose expected rise of the loss stays below
/// `limit` > 0 (nats a token). Steps in log2(level), in which the loss rises by a factor of about 4 a unit,
/// kept inside the bracket found so far; at most 24.
/// @throws Error kInvalidArgument when no steps are free, or when the loss cannot be told for want of squares
/// of the gradient
GapFit fit_to_gap(const Quantizer& quantizer, double limit, StoredModel& model);

}  // namespace golf
