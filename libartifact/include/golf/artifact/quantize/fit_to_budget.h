#pragma once

#include <cstdint>
#include <functional>

#include "golf/artifact/quantize/quantizer.h"

namespace golf {

struct FitReport {
  double level = 0.0;           ///< of the free steps
  uint64_t bytes = 0;           ///< what `packed_bytes` said of the model
  int probes = 0;               ///< how often it was asked
  double relative_error = 0.0;  ///< Quantizer::relative_error() of the model
  size_t float16_tensors = 0;   ///< that became float16, as even the finest steps left bytes over
  /// How the search ended.
  enum class End {
    kLanded,    ///< in the last kFitWindow under the limit
    kFinest,    ///< float16 in place of all steps needs less than that
    kNearest,   ///< no level gave a size in the window: the largest one under the limit
    kTooLarge,  ///< even the coarsest steps need more than the limit; the model is that of the coarsest
  } end = End::kNearest;
};

/// Of the limit: how near under it the fit must land.
inline constexpr double kFitWindow = 0.0005;

/// Finds the level at which the model packs into `limit_bytes`, as near under it as can be, never over: one
/// number for all tensors, so that the last byte buys the same everywhere. Newton's steps in log2(level), in
/// which a free weight costs about one bit a unit, kept inside the bracket found so far. Where the finest
/// steps leave bytes over, integers not passing ±127, tensors become float16 instead: those that lose most by
/// the weight for which there is room, and small ones until there is none.
/// @param packed_bytes  the size of the whole artifact; called 3 to 6 times as a rule, at most 32 times
/// before tensors become float16
/// @throws Error kInvalidArgument when no steps are free
FitReport fit_to_budget(const Quantizer& quantizer, uint64_t limit_bytes,
                        const std::function<uint64_t(const StoredModel&)>& packed_bytes, StoredModel& model);

}  // namespace golf
