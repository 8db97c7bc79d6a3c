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

  std::string device_text() const { return device.str(); }
  std::string_view dtype_text() const { return dtype == torch::kFloat ? "fp32" : "bf16"; }
};

/// @param device  "auto" (CUDA when there is one), "cpu", "cuda" or "cuda:INDEX"
/// @param dtype   "auto" (bf16 on CUDA, else fp32), "fp32" or "bf16"
/// @throws Error kInvalidArgument (unknown word), kIo (no such CUDA device)
Runtime choose_runtime(const std::string& device, const std::string& dtype);

/// Has FlashAttention-3 of that file compute attention on `runtime` (golf/model/flash_attention.h); an empty
/// name changes nothing.
/// @throws Error kInvalidArgument unless the runtime is a GPU in bf16; else see load_flash_attention
void use_flash_attention(const std::string& file, const Runtime& runtime);

/// Processor threads for all further work of LibTorch in this process; 0 is one per processor.
void set_compute_threads(int threads);
int compute_threads();

/// From now on this process keeps the memory that tensors give back, for the next ones: a step allocates what
/// the step before it did, and fresh pages cost a twelfth of a small model's step. Only with glibc's malloc.
void keep_freed_memory();

/// A decoder of that configuration with those weights, ready to score on `runtime`.
/// @throws Error kMismatch, see load_tensors
Decoder make_decoder(const ModelConfig& config, const TensorSet& tensors, const Runtime& runtime);

}  // namespace golf
