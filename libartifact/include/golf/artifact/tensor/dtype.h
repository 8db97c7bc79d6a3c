#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace golf {

/// Element type of a tensor. The values are stored in .golf files and never reused (docs/FORMAT.md).
enum class DType : uint8_t {
  kBool = 0,
  kU8 = 1,
  kI8 = 2,
  kU16 = 3,
  kI16 = 4,
  kU32 = 5,
  kI32 = 6,
  kU64 = 7,
  kI64 = 8,
  kF16 = 9,
  kBF16 = 10,
  kF32 = 11,
  kF64 = 12,
  kF8E4M3 = 13,
  kF8E5M2 = 14,
  kC64 = 15,
};
inline constexpr int kDTypeCount = 16;

/// Bytes of one element.
uint64_t dtype_size(DType dtype);
bool is_floating(DType dtype);
inline bool is_float8(DType dtype) { return dtype == DType::kF8E4M3 || dtype == DType::kF8E5M2; }
/// "F32" as safetensors spells it, "float32" as torch does.
std::string_view safetensors_name(DType dtype);
std::string_view torch_name(DType dtype);
std::optional<DType> dtype_from_safetensors(std::string_view name);
std::optional<DType> dtype_from_torch(std::string_view name);

}  // namespace golf
