#include "golf/train/averaging/averaging_config.h"

#include <array>

#include "golf/artifact/base/require.h"

namespace golf {
namespace {

constexpr std::array<EnumName<FinalWeights>, 4> kFinalWeights = {{
    {FinalWeights::kAuto, "auto"},
    {FinalWeights::kLive, "live"},
    {FinalWeights::kEma, "ema"},
    {FinalWeights::kSwa, "swa"},
}};

}  // namespace

void describe(JsonFields& fields, EmaConfig& config) {
  fields.field("decay", config.decay);
  fields.field("start_step", config.start_step);
  fields.field("from_initial", config.from_initial);
}

void describe(JsonFields& fields, SwaConfig& config) {
  fields.field("enabled", config.enabled);
  fields.field("every", config.every);
  fields.field("start_lr_below", config.start_lr_below);
  fields.field("by_step_index", config.by_step_index);
}

void describe(JsonFields& fields, WeightsConfig& config) {
  fields.section("ema", config.ema);
  fields.section("swa", config.swa);
  fields.enumeration("final", config.final_, std::span<const EnumName<FinalWeights>>(kFinalWeights));
}

void validate(const WeightsConfig& weights) {
  require_range("weights.ema.decay", weights.ema.decay, 0, 1);
  require_range("weights.ema.start_step", weights.ema.start_step, 0, 1 << 30);
  require_range("weights.swa.every", weights.swa.every, 1, 1 << 30);
  require_range("weights.swa.start_lr_below", weights.swa.start_lr_below, 0, 1e3);
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
