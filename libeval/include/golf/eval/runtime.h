#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/model/decoder.h"

namespace golf {

/// Where a model runs and in which type its matrix products are taken.
struct Runtime {
  torch::Device device = torch::kCPU;
  torch::ScalarType dtype = torch::kFloat;
  bool int8 = false;  ///< products of int8 in place of `dtype`, which is float32 then

  std::string device_text() const { return device.str(); }
  std::string_view dtype_text() const { return int8 ? "int8" : dtype == torch::kFloat ? "fp32" : "bf16"; }
};

/// @param device  "auto" (CUDA when there is one), "cpu", "cuda" or "cuda:INDEX"
/// @param dtype   "auto" or empty (bf16 on CUDA, else fp32), "fp32", "bf16" or, to evaluate on a CPU, "int8"
/// @throws Error kInvalidArgument (unknown word, int8 on CUDA), kIo (no such CUDA device)
Runtime choose_runtime(const std::string& device, const std::string& dtype);

/// Has FlashAttention-3 of that file compute attention on `runtime` (golf/model/flash_attention.h); an empty
/// name changes nothing.
/// @throws Error kInvalidArgument unless the runtime is a GPU in bf16; else see load_flash_attention
void use_flash_attention(const std::string& file, const Runtime& runtime);

/// Sets up LibTorch in this process: processor threads for all further work, 0 is one per processor. With
/// glibc's malloc the process also keeps the memory that tensors give back, for the next ones: a step
/// allocates what the step before it did, and fresh pages cost a twelfth of a small model's step.
void prepare_processor(int threads);
int compute_threads();

/// A decoder of that configuration with those weights, ready to score on `runtime`.
/// @throws Error kMismatch, see load_tensors
Decoder make_decoder(const ModelConfig& config, const TensorSet& tensors, const Runtime& runtime);

}  // namespace golf
