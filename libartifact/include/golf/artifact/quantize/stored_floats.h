#pragma once

#include <span>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

// What of a stored tensor can change while its integers stay.

/// The floats of a tensor as float32: the values of float16, bfloat16 and float32 passthrough, the scales of
/// integers, the one step of a grid. Empty for a tensor that has none.
std::vector<float> stored_floats(const StoredTensor& stored);

/// Puts others in their place, rounded to the dtype that stores them. Everything else stays as it is.
/// @throws Error kInvalidArgument naming the tensor: another number of floats, one that the dtype cannot hold
/// as a finite number, or a step that is not a positive normal number; the tensor is untouched then
void replace_floats(StoredTensor& stored, std::span<const float> floats);

}  // namespace golf
