#include "unit/model/kernel_emulator.h"

#include <functional>
#include <map>
#include <stdexcept>

#include "model/cuda/kernels/arguments.h"
// The order in which NVRTC reads them.
// clang-format off
#include "support/simt.h"
#include "model/cuda/kernels/device.cu"
#include "model/cuda/kernels/residual.cu"
#include "model/cuda/kernels/lanes.cu"
#include "model/cuda/kernels/heads.cu"
#include "model/cuda/kernels/softcap.cu"
// clang-format on

namespace golf::test {
namespace {

using Run = std::function<void(const void* arguments)>;

template <class Arguments>
Run runner(void (*kernel)(Arguments)) {
  return [kernel](const void* arguments) { kernel(*static_cast<const Arguments*>(arguments)); };
}

const std::map<std::string, Run>& table() {
  using namespace cuda;
#define KERNEL(...) \
  { #__VA_ARGS__, runner(&__VA_ARGS__) }
#define FOR_TYPES(kernel) KERNEL(kernel<float>), KERNEL(kernel<bf16>)
#define FOR_HEADS(kernel)                                                                                \
  KERNEL(kernel<1, float>), KERNEL(kernel<2, float>), KERNEL(kernel<4, float>), KERNEL(kernel<1, bf16>), \
      KERNEL(kernel<2, bf16>), KERNEL(kernel<4, bf16>)
#define FOR_PAIRS(kernel, quads)                                           \
  KERNEL(kernel<quads, float, float>), KERNEL(kernel<quads, float, bf16>), \
      KERNEL(kernel<quads, bf16, float>), KERNEL(kernel<quads, bf16, bf16>)
#define FOR_LANES(kernel, quads) KERNEL(kernel<quads, float>), KERNEL(kernel<quads, bf16>)
#define FOR_ALL_LANES(kernel) \
  FOR_LANES(kernel, 1), FOR_LANES(kernel, 2), FOR_LANES(kernel, 4), FOR_LANES(kernel, 8)
#define FOR_ROWS(kernel) \
  FOR_PAIRS(kernel, 1), FOR_PAIRS(kernel, 2), FOR_PAIRS(kernel, 4), FOR_PAIRS(kernel, 8)
  static const std::map<std::string, Run> kernels = {FOR_ROWS(mix_norm),
                                                     FOR_ROWS(mix_norm_grad),
                                                     FOR_ALL_LANES(write_lanes),
                                                     FOR_ALL_LANES(write_lanes_grad),
                                                     FOR_HEADS(qk_norm_rotary),
                                                     FOR_HEADS(qk_norm_rotary_grad),
                                                     FOR_HEADS(finish_heads),
                                                     FOR_HEADS(finish_heads_grad),
                                                     FOR_TYPES(leaky_relu_squared),
                                                     FOR_TYPES(leaky_relu_squared_grad),
                                                     FOR_TYPES(softcap_nll),
                                                     FOR_TYPES(softcap_nll_grad)};
#undef FOR_ROWS
#undef FOR_ALL_LANES
#undef FOR_LANES
#undef FOR_PAIRS
#undef FOR_HEADS
#undef FOR_TYPES
#undef KERNEL
  return kernels;
}

}  // namespace

void KernelEmulator::run(const std::string& kernel, int64_t blocks, const void* arguments) {
  const auto found = table().find(kernel);
  if (found == table().end()) throw std::logic_error("no kernel " + kernel);
  run_.insert(kernel);
  simt::launch(static_cast<unsigned>(blocks), cuda::kThreadsPerBlock, [&] { found->second(arguments); });
}

std::vector<std::string> all_kernels() {
  std::vector<std::string> names;
  for (const auto& [name, run] : table()) names.push_back(name);
  return names;
}

}  // namespace golf::test
