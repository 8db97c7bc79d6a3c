#pragma once

#include <optional>
#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// The ptz container: a compressed `torch.save` of one of the dictionaries in the layout table, as the
/// submissions' own Python writes and loads it. Source: docs/SUBMISSIONS.md, Artifact.
Bytes encode_ptz(const Artifact& artifact, int threads);
/// `threads` counts only for blobs of groups (ptz_groups.h).
Artifact decode_ptz(ByteView bytes, const std::string& what, int threads);
/// The file is one solid stream, so every row is an apportionment.
ArtifactSummary summarize_ptz(ByteView bytes, const std::string& what);

/// The codec whose decoded bytes begin like a torch zip; kStore for a zip that is not compressed.
std::optional<CodecId> detect_ptz_codec(ByteView bytes);
/// Whether it is a torch zip, compressed or not, that holds a dictionary of the layout table. A compressed
/// one is taken for an artifact without looking further.
bool is_ptz(ByteView bytes);

}  // namespace golf
