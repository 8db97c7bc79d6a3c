#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "golf/artifact/tensor/dtype.h"

namespace golf::pickle {

/// What a pickle may name. Nothing is ever looked up or called: each kind is something the reader itself
/// knows how to build.
enum class GlobalKind : uint8_t {
  kOrderedDict,
  kRebuildTensorV2,
  kRebuildTensorV3,
  kRebuildParameter,
  kStorage,         ///< of the global's dtype
  kUntypedStorage,  ///< counted in bytes; the dtype comes with the tensor
  kDType,
  kSize,
};

struct Global {
  GlobalKind kind;
  DType dtype = DType::kU8;
};

/// The closed list, matched by exact module and name; nothing for everything else.
std::optional<Global> find_global(std::string_view module, std::string_view name);

/// "FloatStorage" for a dtype that has a typed storage class, "" for the newer ones, which
/// `_rebuild_tensor_v3` takes out of an untyped storage.
std::string_view storage_class(DType dtype);

}  // namespace golf::pickle
