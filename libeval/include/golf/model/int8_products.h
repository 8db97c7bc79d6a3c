#pragma once

#include <functional>

#include "golf/model/decoder.h"

namespace golf {

/// Has the matrix products of further passes run in int8: on a CPU, without gradients, hooks and adapters.
/// Weights are quantized as they are when a pass first needs them. Gates of fewer than 16 rows, embedding
/// tables, attention and all else stay float32.
void use_int8_products(Decoder& model);

/// Calls use(exact) for each matrix that an int8 product has used: whether its rows are whole multiples of
/// one step each, or were rounded to ±127 steps.
void for_each_int8_matrix(Decoder& model, const std::function<void(bool exact)>& use);

}  // namespace golf
