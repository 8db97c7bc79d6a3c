#include "golf/eval/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <limits>
#include <thread>

#include "golf/artifact/base/error.h"
#include "golf/model/flash_attention.h"
#include "golf/model/int8_products.h"
#include "golf/model/torch_tensors.h"

namespace golf {
namespace {

torch::Device choose_device(const std::string& name) {
  const bool has_cuda = at::hasCUDA();
  if (name == "cpu" || (name == "auto" && !has_cuda)) return torch::kCPU;
  if (name == "auto") return {torch::kCUDA, 0};
  const bool indexed = name.starts_with("cuda:") && name.size() > 5 && name.size() < 8 &&
                       std::all_of(name.begin() + 5, name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (name != "cuda" && !indexed) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("device \"{}\" is not one of: auto, cpu, cuda, cuda:INDEX", name));
  }
  const int index = indexed ? std::stoi(name.substr(5)) : 0;
  if (!has_cuda || index >= static_cast<int>(at::getNumGPUs())) {
    fail(ErrorCode::kIo, fmt::format("device {}: not there ({}): use --device cpu", name,
                                     has_cuda ? fmt::format("{} CUDA devices", at::getNumGPUs())
                                              : "this LibTorch sees no CUDA device"));
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace

Runtime choose_runtime(const std::string& device, const std::string& dtype) {
  Runtime runtime{.device = choose_device(device)};
  const bool chooses = dtype == "auto" || dtype.empty();
  if (dtype == "bf16" || (chooses && runtime.device.is_cuda())) {
    runtime.dtype = torch::kBFloat16;
  } else if (dtype == "int8") {
    if (!runtime.device.is_cpu()) {
      fail(ErrorCode::kInvalidArgument, "dtype int8: runs on processors only: give --device cpu too");
    }
    runtime.int8 = true;
  } else if (dtype != "fp32" && !chooses) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("dtype \"{}\" is not one of: auto, fp32, bf16, int8", dtype));
  }
  return runtime;
}

void use_flash_attention(const std::string& file, const Runtime& runtime) {
  if (file.empty()) return;
  if (!runtime.device.is_cuda() || runtime.dtype != torch::kBFloat16) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format(
             "--flash-attention: FlashAttention-3 computes bf16 on a GPU, this is {} on {}: leave it out",
             runtime.dtype_text(), runtime.device_text()));
  }
  load_flash_attention(file);
}

void prepare_processor(int threads) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc accepts
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  at::set_num_threads(threads > 0 ? threads
                                  : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

int compute_threads() { return at::get_num_threads(); }

Decoder make_decoder(const ModelConfig& config, const TensorSet& tensors, const Runtime& runtime) {
  Decoder model(config);
  load_tensors(model, tensors);
  model->to(runtime.device);
  model->set_compute_dtype(runtime.dtype);
  if (runtime.int8) use_int8_products(model);
  model->eval();
  return model;
}

}  // namespace golf
