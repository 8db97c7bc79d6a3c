#pragma once

#include <cstdint>
#include <string>

#include "golf/train/config/train_config.h"

namespace golf::presets {

/// The same recipe on the model preset of that name, with that preset's evaluation; its name becomes the
/// run's.
TrainConfig on_model(TrainConfig config, const std::string& name);

/// What PR 88 and most after it share: slower, longer momentum and rates of their own.
void set_rates(OptimizerConfig& optimizer, double tied_embed_lr, double others_lr);

/// The same recipe on the tiny model of that name, for tests and CPUs: 60 steps of 2,048 tokens.
TrainConfig tiny(TrainConfig config, int64_t warmup_steps);

// The records of April and May (record_presets.cpp), as their final runs were started.
TrainConfig pr1394();
TrainConfig pr1493();
TrainConfig pr1855();
TrainConfig pr1945();
TrainConfig pr1953();
TrainConfig pr2014();
TrainConfig pr2135();
/// Their tiny runs, with the sizes that their programs recorded.
TrainConfig april_tiny(TrainConfig config);
TrainConfig may_tiny(TrainConfig config);
TrainConfig pr2014_tiny();

}  // namespace golf::presets
