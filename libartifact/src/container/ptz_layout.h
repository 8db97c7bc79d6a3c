#pragma once

#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One dictionary layout of the entries. Each has one file, ptz_NAME.cpp.
struct PtzLayoutRow {
  std::string_view name;
  bool (*recognizes)(const TorchValue& root);
  /// @throws Error kCorruptData, kUnsupported, naming the key or tensor
  StoredModel (*read)(const TorchValue& root, const std::string& what);
  /// @throws Error kUnsupported when the layout cannot hold a tensor, naming it and its scheme
  TorchValue (*write)(const StoredModel& model);
};
std::span<const PtzLayoutRow> ptz_layout_table();
/// @throws Error kInvalidArgument listing the layouts
const PtzLayoutRow& ptz_layout_row(std::string_view name);

bool recognizes_int8_clean(const TorchValue& root);
StoredModel read_int8_clean(const TorchValue& root, const std::string& what);
TorchValue write_int8_clean(const StoredModel& model);

}  // namespace golf
