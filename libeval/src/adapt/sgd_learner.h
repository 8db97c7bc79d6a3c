#pragma once

#include <memory>

#include "golf/adapt/learner.h"

namespace golf {

/// Gradient descent on the weights themselves, as PR 1493 does it. Rows of a step are computed in parts of a
/// fixed size, each by one thread, and their gradients added up in float64 in the order of the parts: the
/// result is the same to the bit whatever the thread count. Memory: 4 bytes a learning weight for the
/// momentum, 8 for the sum, 4 for each thread.
/// Source: docs/SUBMISSIONS.md, PR 1493, Evaluation.
std::unique_ptr<AdaptLearner> make_sgd_learner(const SgdAdaptConfig& config, Decoder& model,
                                               const AdaptInputs& inputs);

}  // namespace golf
