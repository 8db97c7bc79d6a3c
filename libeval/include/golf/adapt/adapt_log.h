#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/token_scores.h"

namespace golf {

// What an adapted evaluation did, in the order in which it did it. A receipt is this log with the totals
// (receipt.h), and its audit reads nothing else (adapt_audit.h).

/// Targets that were scored one after the other under one state of the model.
struct ScoredRange {
  int64_t first_target = 0;
  int64_t count = 0;
  int64_t bytes = 0;     ///< of their text
  double loss_nats = 0;  ///< sum over the range, float64
  bool operator==(const ScoredRange&) const = default;
};

/// The scores of one chunk, or of one process's part of it.
struct ScoreEvent {
  int64_t chunk = 0;
  int64_t after_update = 0;  ///< the update last applied before the scores; 0: none
  std::vector<ScoredRange> ranges = {};
  bool operator==(const ScoreEvent&) const = default;
};

/// One change of the model's state. Whatever is scored later may depend on it and on all earlier ones: the
/// log does not ask which adapters a token passed.
struct UpdateEvent {
  int64_t update = 0;                  ///< 1, 2, 3, … in the order in which they are applied
  int64_t chunk = 0;                   ///< after whose scores it was made
  std::string what = {};               ///< "weights", "adapters"
  std::vector<ScoreSegment> saw = {};  ///< targets whose losses it learned from
  bool operator==(const UpdateEvent&) const = default;
};

/// One chunk: scored, then learned from.
struct ChunkEvents {
  ScoreEvent scored = {};
  std::vector<UpdateEvent> updates = {};  ///< none when nothing was learned from it
  bool operator==(const ChunkEvents&) const = default;
};

/// In the order of the chunks.
using AdaptLog = std::vector<ChunkEvents>;

/// Appends what was scored, in its order; ranges that meet become one. Losses are summed in float64.
void append_scores(std::vector<ScoredRange>& ranges, const TokenScores& scores, const TextView& text);

}  // namespace golf
