#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/compression_levels.h"
#include "encode/golf/search/residuals.h"

namespace golf {

/// How precisely the scales of rows (or columns) are worth sending.
struct OffsetChoice {
  int step_log = 0;                  ///< 0: not at all
  std::vector<int8_t> offsets = {};  ///< empty then
};

/// `logs`: the scales that fit best, in sixteenths of an octave, relative to the tensor's; kZeroLog for a row
/// without. `values_each`: values that share one scale. `predicted`: scales predicted from a reference
/// tensor; empty without.
OffsetChoice choose_offsets(std::span<const int> logs, uint64_t values_each,
                            std::span<const int> predicted = {});

/// The tensor's bits under `model`, in 1/256.
uint64_t cost_q8(const Residuals& residuals, const TensorModel& model);

/// Subtracts their mean from logarithms that are not kZeroLog, and returns it.
int take_mean(std::vector<int>& logs);

/// Fits base, scales, shape and escape mass; whether the tensor is predicted is given. With a reference
/// tensor rows keep their scales, because the prediction depends on them.
void fit_scales(const Residuals& residuals, TensorModel& model, const CompressionLevel& level);

}  // namespace golf
