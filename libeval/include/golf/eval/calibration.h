#pragma once

#include <cstdint>
#include <span>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/model/decoder.h"

namespace golf {

/// What a model's matrices are multiplied with, as quantisers need it: for every matrix that is used as a
/// linear layer, under its inventory name, the second moments of its input x, the mean of x·xᵀ over all
/// positions of the stream. float32 [in, in], symmetric; metadata as docs/FORMAT.md §4 says, without
/// "source".
///
/// The stream is cut into windows of `seq_len` tokens that do not overlap; what is left is not used. The
/// products of a window are summed in float32, windows in float64. On a processor windows run side by side,
/// yet the result is the same to the bit whatever the thread count. The model's device and compute dtype
/// hold.
/// Memory: the inputs of as many windows as there are threads, and 8 bytes a value of the result.
/// @throws Error kInvalidArgument when there is less than one window; kMismatch for a token that is not below
/// the vocabulary; kCorruptData when an input is not finite, naming the matrix
TensorSet collect_calibration(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                              const ProgressSink& progress = {});

}  // namespace golf
