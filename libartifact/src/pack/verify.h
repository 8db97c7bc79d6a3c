#pragma once

#include "golf/artifact/container/artifact.h"

namespace golf {

/// Decodes an artifact's bytes as any reader does and compares the weights, bit for bit, with those that
/// `artifact` stands for. Compares the model configuration too where the format carries one.
/// @param keep  whether to return the decoded weights: else each is forgotten once it was compared, and
///        nothing is returned
/// @throws Error kRunFailed "verification failed: …" naming what differs
TensorSet decode_and_compare(ByteView bytes, const Artifact& artifact, int threads, bool keep);

}  // namespace golf
