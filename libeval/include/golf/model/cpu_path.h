#pragma once

#include <optional>
#include <string_view>

namespace golf {

/// The code that computes the model on a processor. Each processor can run one of these and all that follow
/// it. The choice holds for the whole process. It exists so that tests and measurements on one processor
/// reach what others run; programs leave it alone.
enum class CpuPath {
  kAvx512,    ///< the kernels for AVX-512
  kAvx2,      ///< the kernels for AVX2 with FMA
  kBaseline,  ///< the kernels for any processor
  kLibTorch,  ///< LibTorch's operations alone
};
inline constexpr CpuPath kCpuPaths[] = {CpuPath::kAvx512, CpuPath::kAvx2, CpuPath::kBaseline,
                                        CpuPath::kLibTorch};

/// "avx512", "avx2", "baseline" or "libtorch".
std::string_view name_of(CpuPath path);
std::optional<CpuPath> find_cpu_path(std::string_view name);

/// Whether this processor has the instructions that the path needs.
bool can_run(CpuPath path);

/// The path in use: the first that this processor can run and LibTorch's variable ATEN_CPU_CAPABILITY
/// ("avx2", "default") allows, unless use_cpu_path chose another.
CpuPath cpu_path();
/// Not while a model computes. Throws kUnsupported when this processor cannot run the path.
void use_cpu_path(CpuPath path);

/// Whether products of bf16 matrices are left to LibTorch: on a processor with instructions for them, and on
/// the path kLibTorch. Elsewhere they run in float32, where bf16 values are exact, and are rounded once at
/// the end, as the instructions do: LibTorch's own take up to a hundred times as long there.
bool has_bf16_products();

}  // namespace golf
