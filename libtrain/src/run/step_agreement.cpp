#include "run/step_agreement.h"

#include <utility>

namespace golf {

StepVerdict StepAgreement::after_step(const StepVerdict& own) {
  if (ranks_.alone()) return own;
  if (by_clock_) {
    say(own);
    return heard();
  }
  const int stop = pending_.wait ? heard().stop : 0;
  say(own);
  return {.train_ms = own.train_ms, .stop = stop};
}

void StepAgreement::finish() {
  if (pending_.wait) heard();
}

void StepAgreement::say(const StepVerdict& own) {
  values_ = at::empty({2}, torch::kDouble);
  values_[0] = own.train_ms;
  values_[1] = own.stop;
  pending_ = ranks_.max(values_);
}

StepVerdict StepAgreement::heard() {
  std::exchange(pending_, Pending{}).wait();
  return {.train_ms = values_[0].item<double>(), .stop = values_[1].item<int>()};
}

}  // namespace golf
