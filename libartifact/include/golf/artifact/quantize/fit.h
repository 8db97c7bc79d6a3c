#pragma once

#include <cstdint>
#include <functional>

#include "golf/artifact/quantize/quantizer.h"

namespace golf {

/// The size of the whole artifact for given values.
using PackedBytes = std::function<uint64_t(const StoredModel&)>;

struct FitReport {
  double step_scale = 0.0;     ///< the global step scale of the tunable steps
  uint64_t bytes = 0;          ///< the packed size of the model
  int probes = 0;              ///< how often the packed size was computed
  double nmse = 0.0;           ///< Quantizer::nmse() of the model
  size_t float16_tensors = 0;  ///< tensors that became float16, because the finest steps left bytes over
  /// How the search ended.
  enum class End {
    kLanded,    ///< in the last kFitWindow under the limit
    kFinest,    ///< float16 in place of all steps needs less than that
    kNearest,   ///< no step scale gave a size in the window: the largest one under the limit
    kTooLarge,  ///< even the coarsest steps need more than the limit; the model is that of the coarsest
  } end = End::kNearest;
};

/// How near under the limit the packed size must be, as a share of the limit.
inline constexpr double kFitWindow = 0.0005;

/// Finds the step scale at which the model packs into `limit_bytes`, as near under it as possible, never
/// over. One number sets the steps of all tensors, so that the last byte reduces the error equally
/// everywhere. The search steps along Quantizer::estimated_bytes(), over which the packed size is nearly a
/// straight line, and where four packings have not led into the window, inside the bracket found so far.
/// Where the finest steps leave bytes over, because integers do not pass ±127, tensors become float16
/// instead: first those that lose most per weight and for which there is room, then the smallest ones until
/// there is no room.
/// @param packed_bytes  called 2 to 10 times as a rule, at most 33 times before tensors become float16
/// @throws Error kInvalidArgument when no steps are tunable
FitReport fit_to_budget(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                        StoredModel& model);

struct GapFit {
  double step_scale = 0.0;     ///< the global step scale of the tunable steps
  double predicted_gap = 0.0;  ///< Quantizer::predicted_gap() of the model, nats a token
  int probes = 0;              ///< how many step scales were tried
  /// kLanded: in the last kGapWindow under the limit. kUnreachable: even the finest steps lose more; the
  /// model is theirs. kCoarsest: there are no coarser steps.
  enum class End { kLanded, kUnreachable, kCoarsest } end = End::kLanded;
};

/// How near under the limit the predicted gap must be, as a share of the limit.
inline constexpr double kGapWindow = 0.02;

/// Finds the coarsest steps, one step scale for all tensors, whose predicted quantization gap stays below
/// `limit` > 0 (nats a token). The search steps in log2(step scale), where the gap rises by a factor of about
/// 4 a unit, and keeps inside the bracket found so far; at most 24 probes.
/// @throws Error kInvalidArgument when no steps are tunable, or when the calibration lacks the diagonal
/// Fisher for a matrix
GapFit fit_to_gap(const Quantizer& quantizer, double limit, StoredModel& model);

struct PruneReport {
  uint64_t candidates = 0;      ///< integers of ±1 in int6 tensors
  uint64_t zeroed = 0;          ///< how many of them became 0
  uint64_t unpruned_bytes = 0;  ///< the packed size before
  uint64_t pruned_bytes = 0;    ///< the packed size now
  bool fits = false;            ///< pruned_bytes ≤ limit_bytes
};

/// PR 993's selective pruning: zeroes integers of ±1 in int6 tensors until the model packs into
/// `limit_bytes`. Those with the smallest float(scale)² go first; equal ones in the order of the tensors, and
/// row-major within. Nothing is zeroed when the model fits as it is, everything when even that does not
/// suffice; else bisection finds the smallest count that fits, which takes the packed size for monotone in
/// the count, as the submission does.
/// @param packed_bytes  called about 25 times
/// @throws Error kCorruptData from check_form()
/// Source: docs/SUBMISSIONS.md, PR 993, Artifact. The submission's limit is int(15.149 · 2^20) less the bytes
/// of its code.
PruneReport prune_to_fit(StoredModel& model, uint64_t limit_bytes, const PackedBytes& packed_bytes);

}  // namespace golf
