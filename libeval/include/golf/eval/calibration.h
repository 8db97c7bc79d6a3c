#pragma once

#include <cstdint>
#include <span>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/model/decoder.h"

namespace golf {

/// How sensitive the loss is to errors in a model's weights, for quantizers; the contents of a file as
/// docs/QUANTIZATION.md specifies it, without the metadata "bytes" and "source".
///
/// - For every matrix that serves as a linear layer or as a table of look-ups, under its inventory name:
///   float32 [in, in], symmetric, what an error in a row costs, in nats² a token: the mean over all positions
///   of w·x·xᵀ, x its input, w the squared norm of the loss's gradient at its output; where rows are looked
///   up, of g·gᵀ, g the gradient at the row. A tied embedding has both. Without any gradient that of x·xᵀ, in
///   a unit that does not count; with inputs of 0 alone there is no entry.
/// - For every parameter of two axes [rows, columns], under Calibration::kFisherPrefix and its name:
///   float32 [rows], the mean over the row of the Fisher information's diagonal, nats² a token.
///
/// The stream is cut into windows of `seq_len` tokens that do not overlap; what is left is not used. The
/// loss is a window's sum, its targets drawn from the model's own distribution, seeded by the window's
/// number: then the gradients of different positions do not correlate, and the means of their squares are
/// the Fisher information, not that of one text.
/// The products of a window are summed in float32, windows in float64. On a processor windows run side by
/// side, yet the result is the same to the bit whatever the thread count. The model's device and compute
/// dtype hold.
/// Memory: activations and gradients of as many windows as there are threads, and 8 bytes a value of the
/// result.
/// @throws Error kInvalidArgument when there is less than one window; kMismatch for a token that is not below
/// the vocabulary; kCorruptData when an input, gradient or prediction is not finite, naming the matrix
TensorSet collect_calibration(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                              const ProgressSink& progress = {});

/// The Hessians that PRs 1394 to 2135 give GPTQ, in the same form: for every matrix that serves as a linear
/// layer, a tied embedding as the head, Σ x·xᵀ over all positions and all calls of its block, divided by the
/// number of batches. No gradients, so no diagonal Fisher, and about a fifth of the time.
/// Source: docs/SUBMISSIONS.md, PR 1493, Artifact.
///
/// The programs sum in float32, one product a call; here products of a row (on a GPU of a batch) are float32
/// and their sums float64, in a fixed order: the result is the same to the bit whatever the thread count.
/// Depth recurrence is as the model has it, attention spans the row, the model's device and dtype hold.
/// @param rows     whole rows of `seq_len` tokens, those of all batches one behind the other
/// @param batches  into which they are divided evenly
/// @throws Error kInvalidArgument when there is no row or the batches do not divide the rows; kMismatch and
/// kCorruptData as above
TensorSet collect_hessians(Decoder& model, std::span<const uint16_t> rows, int64_t seq_len, int64_t batches,
                           const ProgressSink& progress = {});

}  // namespace golf
