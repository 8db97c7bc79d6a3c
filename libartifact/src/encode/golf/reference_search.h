#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/plane_model.h"

namespace golf {

/// What the linear predictor leaves of a plane, each value in 1/32 of the scale expected for it, clamped to
/// ±127. [rows, columns].
struct WhitenedRows {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<int16_t> values = {};
  std::vector<int> scale_logs = {};  ///< of each row, in sixteenths of an octave

  const int16_t* row(size_t index) const { return values.data() + index * columns; }
};

struct ReferenceOptions {
  int max_references = 1;           ///< of a row, at most kMaxReferences
  size_t probe_columns = SIZE_MAX;  ///< earlier rows are compared by so many columns first
};

/// Finds for every row the earlier rows that it resembles, one after another while they save more bits than
/// it takes to name them. Fills `references`, `reference_starts` and `has_references`.
void find_references(const WhitenedRows& rows, const ReferenceOptions& options, PlaneModel& model);

}  // namespace golf
