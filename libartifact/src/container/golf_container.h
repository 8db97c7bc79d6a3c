#pragma once

#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// The .golf container, specified to the byte in docs/FORMAT.md.
Bytes encode_golf(const Artifact& artifact, int threads, const ProgressSink& progress);
Artifact decode_golf(ByteView bytes, const std::string& what, int threads);
/// Reads header, info and tensor table only.
ArtifactSummary summarize_golf(ByteView bytes, const std::string& what);

}  // namespace golf
