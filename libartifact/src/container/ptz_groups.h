#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// The blobs of PR 1855 and its descendants (spec leaderboard §7.2): "PGRP", a u32 stream count, as many u32
/// lengths, then the streams. Groups of integer matrices went through lrzip one by one; the rest, a pickled
/// map, and the orders of permuted rows through brotli. Which rows of a group are whose matrix stands in that
/// map in the entry's own terms, so such a blob can be listed, stream by stream, but not put together again.
bool is_grouped(ByteView bytes);
/// Decompresses lrzip streams by the external program. @throws Error kUnsupported when it is not installed;
/// kCorruptData
ArtifactSummary summarize_grouped(ByteView bytes, const std::string& what);

}  // namespace golf
