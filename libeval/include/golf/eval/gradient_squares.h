#pragma once

#include <cstdint>
#include <span>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/model/decoder.h"

namespace golf {

/// How much the loss minds errors in each row of a model's matrices and tables, as quantisers need it: for
/// every parameter of two axes [rows, columns], under its inventory name, float32 [rows]: the mean over the
/// row of the Fisher information's diagonal, in nats² a token. An error δ of one weight raises the mean loss
/// by δ²/2 times that, in expectation and to second order.
///
/// For a window of `seq_len` tokens the gradient of its summed loss is taken and squared, with targets drawn
/// from the model's own distribution: then the gradients of different positions do not correlate, and the
/// mean of the squares is the Fisher information, not that of one text. The draws are seeded by the window's
/// number. Squares are summed in float64 over the row, then over the windows in their order: the same bits
/// whatever the thread count on a processor.
/// Memory: activations and gradients of as many windows as there are threads.
/// @throws Error as collect_calibration; kCorruptData when a gradient is not finite, naming the parameter
TensorSet collect_gradient_squares(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                                   const ProgressSink& progress = {});

}  // namespace golf
