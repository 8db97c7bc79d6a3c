#include "formats/torch/pickle_globals.h"

namespace golf::pickle {
namespace {

struct FunctionRow {
  std::string_view module;
  std::string_view name;
  GlobalKind kind;
};
constexpr FunctionRow kFunctions[] = {
    {"collections", "OrderedDict", GlobalKind::kOrderedDict},
    {"torch._utils", "_rebuild_tensor_v2", GlobalKind::kRebuildTensorV2},
    {"torch._utils", "_rebuild_tensor_v3", GlobalKind::kRebuildTensorV3},
    {"torch._utils", "_rebuild_parameter", GlobalKind::kRebuildParameter},
    {"torch.storage", "UntypedStorage", GlobalKind::kUntypedStorage},
    {"torch", "Size", GlobalKind::kSize},
};

struct StorageRow {
  std::string_view name;
  DType dtype;
};
constexpr StorageRow kStorages[] = {
    {"BoolStorage", DType::kBool},  {"ByteStorage", DType::kU8},          {"CharStorage", DType::kI8},
    {"ShortStorage", DType::kI16},  {"IntStorage", DType::kI32},          {"LongStorage", DType::kI64},
    {"HalfStorage", DType::kF16},   {"BFloat16Storage", DType::kBF16},    {"FloatStorage", DType::kF32},
    {"DoubleStorage", DType::kF64}, {"ComplexFloatStorage", DType::kC64},
};

}  // namespace

std::optional<Global> find_global(std::string_view module, std::string_view name) {
  for (const FunctionRow& row : kFunctions) {
    if (row.module == module && row.name == name) return Global{.kind = row.kind};
  }
  if (module != "torch") return std::nullopt;
  for (const StorageRow& row : kStorages) {
    if (row.name == name) return Global{.kind = GlobalKind::kStorage, .dtype = row.dtype};
  }
  if (const auto dtype = dtype_from_torch(name)) return Global{.kind = GlobalKind::kDType, .dtype = *dtype};
  return std::nullopt;
}

std::string_view storage_class(DType dtype) {
  for (const StorageRow& row : kStorages) {
    if (row.dtype == dtype) return row.name;
  }
  return "";
}

}  // namespace golf::pickle
