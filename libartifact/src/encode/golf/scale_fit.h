#pragma once

#include <cstdint>
#include <vector>

#include "encode/golf/residuals.h"

namespace golf {

/// The first effort at which rows' peaks count; a table does not serve for them.
inline constexpr int kPeakEffort = 4;

/// The plane's bits under `model`, in 1/256, over every `stride`-th row.
uint64_t cost_q8(const Residuals& residuals, const PlaneModel& model, size_t stride);

/// Takes their mean from logarithms that are not kZeroLog, and returns it.
int take_mean(std::vector<int>& logs);

/// Fits everything but the choice between predicted and not: base, scales, shape and edge. With a companion
/// rows keep their scales, which prediction has built upon.
void fit_scales(const Residuals& residuals, PlaneModel& model, int effort);

}  // namespace golf
