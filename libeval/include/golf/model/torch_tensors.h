#pragma once

#include <torch/types.h>

#include "golf/artifact/tensor/tensor_set.h"
#include "golf/model/decoder.h"

namespace golf {

torch::ScalarType to_torch(DType dtype);
/// @throws Error kUnsupported for types that no file of ours holds (quantized, complex double)
DType from_torch(torch::ScalarType dtype);

/// Copies: the result owns its memory and lies on the CPU.
torch::Tensor to_torch(const Tensor& tensor);
Tensor from_torch(const torch::Tensor& tensor);

/// Overwrites every parameter of the model; float16, bfloat16 and float64 values are converted to float32.
/// @throws Error kMismatch naming the first tensor that is missing, extra, mis-shaped or not floating; the
/// model is untouched then
void load_tensors(Decoder& model, const TensorSet& tensors);
/// The parameters as float32, in inventory order.
TensorSet to_tensor_set(const Decoder& model);

}  // namespace golf
