#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "golf/score/token_scores.h"

namespace golf {

/// Running sums of an evaluation. Losses are summed in float64 in the order of the windows and divided once.
/// Source: docs/SUBMISSIONS.md, upstream reference, Evaluation; docs/BPB.md.
struct BpbTotals {
  double loss_nats = 0;
  int64_t tokens = 0;  ///< scored predictions, repetitions included
  int64_t bytes = 0;   ///< of their text
  std::optional<int64_t> first_nonfinite_target = {};

  /// Adds scores of targets of a stream.
  /// @param token_bytes  of each token of the stream; target t is token t + 1
  /// @throws Error kMismatch when a segment lies outside the stream or the counts disagree
  void add(const TokenScores& scores, std::span<const uint16_t> token_bytes);
  void add(const BpbTotals& others);

  /// Mean loss in nats a token; NaN when there are none.
  double val_loss() const;
  /// (val_loss / ln 2) · (tokens / bytes): bits a byte of text; infinite or NaN when there are no bytes.
  double val_bpb() const;

  bool operator==(const BpbTotals&) const = default;
};

}  // namespace golf
