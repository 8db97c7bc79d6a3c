#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Bytes of section kInfo: one JSON object (docs/FORMAT.md).
Bytes encode_golf_info(const ArtifactInfo& info);
/// @throws Error kCorruptData, kInvalidArgument for a model section that this version does not know
ArtifactInfo decode_golf_info(ByteView bytes, const std::string& what);

}  // namespace golf
