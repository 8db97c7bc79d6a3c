#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Blobs of groups (grouped_blob.h) as artifacts: put together they are a w/m dictionary.
/// @throws Error kUnsupported when lrzip is not installed or the blob is not made like PR 1855's;
/// kCorruptData
Artifact decode_grouped(ByteView bytes, const std::string& what, int threads);
/// Every stream's bytes are exact, tensors within one are apportioned. Needs no lrzip. Tensors are listed as
/// they lie there when their kinds are not known, streams when not even that can be told.
ArtifactSummary summarize_grouped(ByteView bytes, const std::string& what);
inline constexpr std::string_view kPgrpV1Layout = "pgrp_v1";
/// The layout kPgrpV1Layout. @throws Error kUnsupported as encode_grouped_blob() does, and for tensors that
/// it cannot hold
Bytes encode_grouped(const Artifact& artifact, int threads);

}  // namespace golf
