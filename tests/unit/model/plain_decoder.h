#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "golf/model/decoder.h"

namespace golf::test {

/// A second implementation of the decoder, written from the specification alone, in float64 and in the
/// plainest terms: explicit loops over layers, heads repeated, softmax over a masked square. Logits [B, T,
/// V]. `parameters` maps inventory names to float64 tensors.
torch::Tensor plain_decoder(const std::map<std::string, torch::Tensor>& parameters, const ModelConfig& config,
                            const torch::Tensor& ids_BT);

/// The model's parameters as float64 leaves that record gradients.
std::map<std::string, torch::Tensor> double_parameters(const Decoder& model);

}  // namespace golf::test
