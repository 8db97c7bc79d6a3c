#pragma once

#include <torch/types.h>

#include <cstdint>

namespace golf {

/// Adds uniform noise to each row of `weight` [rows, columns], for good: in ±width/2 quantisation steps of
/// max |row| / (2^(bits−1) − 1). The draws depend on the seed alone, whatever the device.
/// Source: spec §4, 1046's extras.
void add_rounding_noise(torch::Tensor weight, int64_t bits, double width, uint64_t seed);

}  // namespace golf
