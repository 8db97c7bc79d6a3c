#pragma once

#include <optional>
#include <string>

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Decodes an artifact's bytes as any reader would and compares the weights that come out, bit for bit, with
/// those that `artifact` stands for; the model configuration too where the format carries one.
/// @return what differs, or nothing
std::optional<std::string> find_difference(ByteView bytes, const Artifact& artifact, int threads);

}  // namespace golf
