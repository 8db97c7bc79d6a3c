#pragma once

#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One dictionary layout of the submissions. Families that share most of a dictionary share a file:
/// ptz_int8_clean.cpp, ptz_wm.cpp.
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

/// The upstream reference's, also PR 1046's first artifact; that of PR 88; that of PR 192.
bool recognizes_int8_clean(const TorchValue& root);
bool recognizes_int8_clean_clip(const TorchValue& root);
bool recognizes_int6_clean(const TorchValue& root);
StoredModel read_int8_clean(const TorchValue& root, const std::string& what);
TorchValue write_int8_clean(const StoredModel& model);
TorchValue write_int8_clean_clip(const StoredModel& model);
TorchValue write_int6_clean(const StoredModel& model);

/// That of PRs 262 and 993; that of PR 1046.
bool recognizes_wm_scale(const TorchValue& root);
bool recognizes_wm_s(const TorchValue& root);
StoredModel read_wm_scale(const TorchValue& root, const std::string& what);
StoredModel read_wm_s(const TorchValue& root, const std::string& what);
TorchValue write_wm_scale(const StoredModel& model);
TorchValue write_wm_s(const StoredModel& model);

/// That of PR 1394 and its descendants, which read_wm_scale() reads.
bool recognizes_gptq(const TorchValue& root);
TorchValue write_gptq(const StoredModel& model);

}  // namespace golf
