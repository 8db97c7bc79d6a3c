#pragma once

#include <cstdint>

#include "golf/artifact/base/json_fields.h"

namespace golf {

/// Exponential moving average of the weights, updated after every step.
struct EmaConfig {
  double decay = 0.0;        ///< average ← decay · average + (1 − decay) · weights; 0 is off
  int64_t start_step = 0;    ///< steps before the first update
  bool from_initial = true;  ///< starts as the initial weights, else as those of start_step

  bool active() const { return decay > 0; }
  bool operator==(const EmaConfig&) const = default;
};

/// Stochastic weight averaging: the mean of snapshots taken while the rate is low.
struct SwaConfig {
  bool enabled = false;
  int64_t every = 200;          ///< steps between snapshots
  double start_lr_below = 0.5;  ///< snapshots are taken once the rate's multiplier is below this
  bool by_step_index = false;   ///< `every` divides the steps before this one (PR 192), else those after it

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
void describe(JsonFields& fields, EmaConfig& config);
void describe(JsonFields& fields, SwaConfig& config);
void describe(JsonFields& fields, WeightsConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const WeightsConfig& config);

/// Whether SWA takes a snapshot after the step that made `finished_steps`, taken at that multiplier.
bool swa_snapshot_due(const SwaConfig& config, int64_t finished_steps, double lr_multiplier);
/// Which weights are exported when SWA holds so many snapshots. A mean of one is no mean: the entries export
/// the last weights then.
FinalWeights choose_final_weights(const WeightsConfig& config, int64_t swa_snapshots);

}  // namespace golf
