#pragma once

#include <memory>

#include "golf/adapt/learner.h"
#include "golf/artifact/spec/low_rank_adapt_config.h"

namespace golf {

/// Adapters that every document learns for itself while it is scored, and phases in which all weights learn
/// from documents that are scored. A chunk of the evaluation is the next chunk of every document of a group.
/// Each document is computed by one thread, in the pass that scores it, and no document's figures depend on
/// another's of its group: the result is the same to the bit whatever the thread count. Processes share the
/// places of a group. Memory: with an adapter of n elements, 4n bytes a document for it, 4n for its moments
/// and 4n for its gradient.
/// Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.
std::unique_ptr<AdaptLearner> make_low_rank_learner(const LowRankAdaptConfig& config, Decoder& model,
                                                    const AdaptInputs& inputs);

}  // namespace golf
