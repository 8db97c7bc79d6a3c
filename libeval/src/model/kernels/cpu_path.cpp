#include "golf/model/cpu_path.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// LibTorch's own variable holds these kernels to the same instructions, so that both can be measured, or
/// reproduced, as on a lesser processor.
bool is_allowed(CpuPath path) {
  const char* limit = std::getenv("ATEN_CPU_CAPABILITY");
  const std::string_view most = limit == nullptr ? "" : limit;
  if (most == "default") return path != CpuPath::kAvx512 && path != CpuPath::kAvx2;
  return most != "avx2" || path != CpuPath::kAvx512;
}

CpuPath best_path() {
  for (const CpuPath path : kCpuPaths) {
    if (can_run(path) && is_allowed(path)) return path;
  }
  return CpuPath::kBaseline;
}

std::atomic<CpuPath>& path_in_use() {
  static std::atomic<CpuPath> path = best_path();
  return path;
}

}  // namespace

std::string_view name_of(CpuPath path) {
  switch (path) {
    case CpuPath::kAvx512:
      return "avx512";
    case CpuPath::kAvx2:
      return "avx2";
    case CpuPath::kBaseline:
      return "baseline";
    case CpuPath::kLibTorch:
      break;
  }
  return "libtorch";
}

std::optional<CpuPath> find_cpu_path(std::string_view name) {
  for (const CpuPath path : kCpuPaths) {
    if (name == name_of(path)) return path;
  }
  return std::nullopt;
}

bool can_run(CpuPath path) {
#if defined(__x86_64__)
  if (path == CpuPath::kAvx512) return __builtin_cpu_supports("avx512f") != 0;
  if (path == CpuPath::kAvx2)
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return true;
#else
  return path == CpuPath::kBaseline || path == CpuPath::kLibTorch;
#endif
}

bool has_bf16_products() {
  if (cpu_path() == CpuPath::kLibTorch) return true;
#if defined(__x86_64__)
  return cpu_path() == CpuPath::kAvx512 && __builtin_cpu_supports("avx512bf16") != 0;
#else
  return true;
#endif
}

CpuPath cpu_path() { return path_in_use().load(std::memory_order_relaxed); }

void use_cpu_path(CpuPath path) {
  if (!can_run(path)) {
    fail(ErrorCode::kUnsupported, "this processor cannot run the path " + std::string(name_of(path)));
  }
  path_in_use().store(path, std::memory_order_relaxed);
}

}  // namespace golf
