#pragma once

#include <span>
#include <string_view>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One row per way of storing a tensor that recipes and --set can name. Artifacts do not record these names:
/// what they record is Storage, bits and dtypes, all that decoding needs.
struct SchemeRow {
  std::string_view name;
  std::string_view summary;
  bool integers;  ///< stores integers and scales
  /// Stores a tensor of finite values; the caller sets the name. Null for "drop".
  /// @throws Error kInvalidArgument (dtype), kUnsupported (values that the scheme cannot hold)
  StoredTensor (*store)(const Tensor& tensor);
};
std::span<const SchemeRow> scheme_table();
/// @throws Error kInvalidArgument listing the schemes
const SchemeRow& scheme_row(std::string_view name);

}  // namespace golf
