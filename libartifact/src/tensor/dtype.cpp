#include "golf/artifact/tensor/dtype.h"

#include <array>

namespace golf {
namespace {

struct Row {
  uint64_t size_bytes;
  bool floating;
  std::string_view safetensors;
  std::string_view torch;
};

// Indexed by DType.
constexpr std::array<Row, kDTypeCount> kRows = {{
    {1, false, "BOOL", "bool"},
    {1, false, "U8", "uint8"},
    {1, false, "I8", "int8"},
    {2, false, "U16", "uint16"},
    {2, false, "I16", "int16"},
    {4, false, "U32", "uint32"},
    {4, false, "I32", "int32"},
    {8, false, "U64", "uint64"},
    {8, false, "I64", "int64"},
    {2, true, "F16", "float16"},
    {2, true, "BF16", "bfloat16"},
    {4, true, "F32", "float32"},
    {8, true, "F64", "float64"},
    {1, true, "F8_E4M3", "float8_e4m3fn"},
    {1, true, "F8_E5M2", "float8_e5m2"},
    {8, false, "C64", "complex64"},
}};

const Row& row(DType dtype) { return kRows[static_cast<size_t>(dtype)]; }

template <class Name>
std::optional<DType> find(std::string_view name, Name column) {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].*column == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

}  // namespace

uint64_t dtype_size(DType dtype) { return row(dtype).size_bytes; }
bool is_floating(DType dtype) { return row(dtype).floating; }
std::string_view safetensors_name(DType dtype) { return row(dtype).safetensors; }
std::string_view torch_name(DType dtype) { return row(dtype).torch; }
std::optional<DType> dtype_from_safetensors(std::string_view name) { return find(name, &Row::safetensors); }
std::optional<DType> dtype_from_torch(std::string_view name) { return find(name, &Row::torch); }

}  // namespace golf
