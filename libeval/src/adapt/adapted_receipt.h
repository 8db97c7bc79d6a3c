#pragma once

#include "adapt/adapt_account.h"
#include "golf/adapt/receipt.h"
#include "golf/artifact/spec/adapt_config.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/post_processor_chain.h"
#include "golf/score/window_plan.h"

namespace golf {

/// What an adapted evaluation was, for its receipt.
struct AdaptedEvaluation {
  TextView text;      ///< cut to what is evaluated
  Coverage coverage;  ///< of the learner's plan
  int64_t vocab_size = 0;
  AdaptConfig config = {};
  const PostProcessing& post_processing;
};
/// The receipt of the accounts of all processes together.
Receipt make_receipt(const AdaptAccount& all, const AdaptedEvaluation& evaluation);

}  // namespace golf
