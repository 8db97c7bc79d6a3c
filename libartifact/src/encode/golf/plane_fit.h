#pragma once

#include <optional>

#include "encode/golf/companion_search.h"
#include "encode/golf/plane_history.h"

namespace golf {

struct FitOptions {
  int max_block_log = kMaxBlockLog;
  /// 1: row scales. 2: column scales and shapes too. 3: linear prediction where it saves much. 4: wherever it
  /// saves anything, from blocks of 8 rows, and rows' peaks. 5 to 9: both directions, both kinds, companions
  /// and memories, ever more references.
  int effort = 3;
};

/// Chooses what describes the plane, which has values, in the fewest bits, side information counted. With a
/// `relation` it may take a few more where later planes learn from it. Deterministic: integers only.
PlaneModel fit_plane(const PlaneSource& plane, const FitOptions& options, const PlaneHistory& history,
                     const std::optional<Relation>& relation);

}  // namespace golf
