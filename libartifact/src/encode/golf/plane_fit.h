#pragma once

#include <span>

#include "encode/golf/plane_values.h"

namespace golf {

struct FitOptions {
  int max_block_log = kMaxBlockLog;
  /// 1: row scales. 2: column scales and shapes too. 3: linear prediction where it saves much. 4: wherever it
  /// saves anything, from blocks of 8 rows, and rows' peaks. 5 to 9: both directions, both kinds, ever more
  /// references.
  int effort = 3;
};

/// Chooses what describes the plane in the fewest bits, side information counted. `values` row-major, at
/// least one. Deterministic: integers only.
PlaneModel fit_plane(std::span<const int8_t> values, const PlaneView& natural, const FitOptions& options);

}  // namespace golf
