#include "golf/adapt/learner.h"

#include "adapt/low_rank_learner.h"
#include "adapt/sgd_learner.h"

namespace golf {

std::unique_ptr<AdaptLearner> make_learner(const AdaptConfig& config, Decoder& model,
                                           const AdaptInputs& inputs) {
  validate(config);
  if (config.low_rank) return make_low_rank_learner(*config.low_rank, model, inputs);
  return make_sgd_learner(*config.sgd, model, inputs);
}

}  // namespace golf
