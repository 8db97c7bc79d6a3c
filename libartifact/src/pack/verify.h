#pragma once

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Decodes an artifact's bytes as any reader does and compares the weights, bit for bit, with those that
/// `artifact` stands for. Compares the model configuration too where the format carries one.
/// @return the decoded weights
/// @throws Error kRunFailed "verification failed: …" naming what differs
TensorSet decode_and_compare(ByteView bytes, const Artifact& artifact, int threads);

}  // namespace golf
