#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adapt/document_plan.h"
#include "golf/score/token_scores.h"

// What a phase learns from. Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.

namespace golf {

/// The documents of a phase, one after the other, from the first token of each to the first of the next, so
/// that two such tokens stand at every junction.
struct PhaseText {
  std::vector<uint16_t> tokens = {};
  /// The stream's target that each token stands for, −1 for the first of a document.
  std::vector<int64_t> target_of = {};

  int64_t targets() const { return static_cast<int64_t>(tokens.size()) - 1; }
};

/// The `count` shortest of the documents of `finished` groups: those in the groups of the lowest sorted
/// index.
PhaseText phase_text(std::span<const uint16_t> stream, std::span<const Document> documents,
                     std::span<const DocumentGroup> finished, int64_t count);

/// One step: the targets [first + 1, first + length] of a phase's text, read as rows of seq_len.
struct PhaseStep {
  int64_t chunk = 0;
  int64_t first = 0;
  int64_t length = 0;
  double lr = 0;
  bool operator==(const PhaseStep&) const = default;
};

/// Chunk after chunk, every one `epochs` times; the last chunk is not learned, nor what makes no whole row.
std::vector<PhaseStep> phase_steps(int64_t targets, int64_t seq_len, const PhaseAdaptConfig& config);

/// The stream's targets that the steps learn from, ascending; consecutive ones make one segment.
std::vector<ScoreSegment> targets_of(const PhaseText& text, std::span<const PhaseStep> steps);

}  // namespace golf
