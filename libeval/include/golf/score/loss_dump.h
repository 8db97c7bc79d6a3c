#pragma once

#include <span>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/score/bpb.h"
#include "golf/score/window_plan.h"

namespace golf {

/// The losses in nats that some program wrote, one for each prediction that `plan` scores, window after
/// window: a NumPy file of float32 or float64 with any shape, or raw little-endian values of either width,
/// told by the length.
/// @throws Error kCorruptData (NumPy header), kUnsupported (dtype), kMismatch when the number of losses is
/// not the plan's, naming the window policies that it would suit
std::vector<double> parse_loss_dump(ByteView bytes, const std::string& what, const WindowPlan& plan);

/// Loss and bits per byte of a dump, from the losses alone. Summed in float64 in the order of the windows.
/// @param token_bytes  of each of the plan.targets() + 1 tokens
/// @throws Error kMismatch when sizes disagree
BpbTotals score_losses(std::span<const double> nll_nats, const WindowPlan& plan,
                       std::span<const uint16_t> token_bytes);
/// Why no losses have such a sum: it is below 0, as that of log-probabilities is. Empty for any other.
std::string impossible_total(const BpbTotals& totals);

/// The losses as a NumPy file of float32: what parse_loss_dump reads.
Bytes encode_loss_dump(std::span<const float> nll_nats);

}  // namespace golf
