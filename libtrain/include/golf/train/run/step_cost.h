#pragma once

#include <optional>
#include <string_view>

#include "golf/train/config/train_config.h"

namespace golf {

/// Floating-point operations that one token of training needs, forward and backward: 6 for each element of
/// the matrices that Muon trains and of the head, and 6·T·D·L for causal attention at T tokens, D wide, L
/// layers (half of the full square). Operations between the matrix products are left out. docs/SCALE.md.
double operations_per_token(const TrainConfig& config);

/// Peak of dense bf16 operations a second in the GPU's data sheet, by the name its driver gives ("NVIDIA H100
/// 80GB HBM3"); nothing for one that is not in the table.
std::optional<double> bf16_peak(std::string_view device_name);

/// The share of its GPUs' peak that a run uses (model FLOPs utilization), in [0, 1].
/// @param operations_per_second  peak of all GPUs together
double utilization(double tokens_per_second, double operations_per_token, double operations_per_second);

}  // namespace golf
