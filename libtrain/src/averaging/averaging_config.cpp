#include "golf/train/averaging/averaging_config.h"

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr EnumName<FinalWeights> kFinalWeights[] = {
    {FinalWeights::kAuto, "auto"},
    {FinalWeights::kLive, "live"},
    {FinalWeights::kEma, "ema"},
    {FinalWeights::kSwa, "swa"},
};

}  // namespace

void declare(OptionVisitor& visit, EmaConfig& config) {
  visit.field("decay", config.decay,
              {.meaning = "share of the old average in each update; 0 is off",
               .low = 0,
               .high = 1,
               .variables = {"EMA_DECAY"}});
  visit.field("start_step", config.start_step,
              {.meaning = "steps before the first update",
               .low = 0,
               .high = kMostSteps,
               .variables = {"EMA_START_STEP"}});
  visit.field("from_initial", config.from_initial,
              {.meaning = "starts as the initial weights, else as those of start_step"});
}

void declare(OptionVisitor& visit, SwaConfig& config) {
  visit.field("enabled", config.enabled,
              {.meaning = "averages snapshots of the weights", .variables = {"SWA_ENABLED"}});
  visit.field(
      "every", config.every,
      {.meaning = "steps between snapshots", .low = 1, .high = kMostSteps, .variables = {"SWA_EVERY"}});
  visit.field("start_lr_below", config.start_lr_below,
              {.meaning = "takes snapshots once the rate's multiplier is below this",
               .low = 0,
               .high = 1e3,
               .variables = {"SWA_START_FRAC"}});
  visit.field("by_step_index", config.by_step_index,
              {.meaning = "counts the steps before this one (PR 192)"});
}

void declare(OptionVisitor& visit, WeightsConfig& config) {
  visit.section("ema", config.ema);
  visit.section("swa", config.swa);
  visit.enumeration(
      "final", config.final_, kFinalWeights,
      {.meaning = "exported weights; auto: EMA, else SWA, else last", .on_resume = OnResume::kMayChange});
}

void validate(const WeightsConfig& weights) {
  require(weights.final_ != FinalWeights::kEma || weights.ema.active(), "weights.final",
          "is ema, but weights.ema.decay is 0: set a decay or another choice");
  require(weights.final_ != FinalWeights::kSwa || weights.swa.enabled, "weights.final",
          "is swa, but weights.swa.enabled is false: enable it or make another choice");
}

bool swa_snapshot_due(const SwaConfig& config, int64_t finished_steps, double lr_multiplier) {
  const int64_t counted = config.by_step_index ? finished_steps - 1 : finished_steps;
  return config.enabled && lr_multiplier < config.start_lr_below && counted % config.every == 0;
}

FinalWeights choose_final_weights(const WeightsConfig& config, int64_t swa_snapshots) {
  const bool swa = config.swa.enabled && swa_snapshots > 1;
  switch (config.final_) {
    case FinalWeights::kAuto:
      if (config.ema.active()) return FinalWeights::kEma;
      return swa ? FinalWeights::kSwa : FinalWeights::kLive;
    case FinalWeights::kSwa:
      return swa ? FinalWeights::kSwa : FinalWeights::kLive;
    case FinalWeights::kEma:
    case FinalWeights::kLive:
      break;
  }
  return config.final_;
}

}  // namespace golf
