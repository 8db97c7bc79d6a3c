#pragma once

#include <cstdint>

#include "golf/train/option/option.h"

namespace golf {

/// Exponential moving average of the weights, updated after every step. declare() says what each option
/// means, here and below.
struct EmaConfig {
  double decay = 0.0;
  int64_t start_step = 0;
  bool from_initial = true;

  bool active() const { return decay > 0; }
  bool operator==(const EmaConfig&) const = default;
};

/// Stochastic weight averaging: the mean of snapshots taken while the rate is low.
struct SwaConfig {
  bool enabled = false;
  int64_t every = 200;
  double start_lr_below = 0.5;
  bool by_step_index = false;

  bool operator==(const SwaConfig&) const = default;
};

/// Which weights the run exports. kAuto: the EMA where there is one, else the SWA mean where it has more than
/// one snapshot, else the last weights.
enum class FinalWeights { kAuto, kLive, kEma, kSwa };

struct WeightsConfig {
  EmaConfig ema = {};
  SwaConfig swa = {};
  FinalWeights final_ = FinalWeights::kAuto;  ///< field "final"

  bool operator==(const WeightsConfig&) const = default;
};
void declare(OptionVisitor& visit, EmaConfig& config);
void declare(OptionVisitor& visit, SwaConfig& config);
void declare(OptionVisitor& visit, WeightsConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const WeightsConfig& config);

/// Whether SWA takes a snapshot after the step that made `finished_steps`, taken at that multiplier.
bool swa_snapshot_due(const SwaConfig& config, int64_t finished_steps, double lr_multiplier);
/// Which weights are exported when SWA holds this many snapshots. The submissions export the last
/// weights when there is only one.
FinalWeights choose_final_weights(const WeightsConfig& config, int64_t swa_snapshots);

}  // namespace golf
