#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/pack/forecast.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/spec/adapt_config.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/eval_result.h"
#include "golf/train/run/train.h"

namespace golf {

/// What a run is given, and what its end needs, read before its first step so that nothing wrong with it is
/// found too late.
struct RunInputs {
  TrainConfig config;
  TrainJob job;
  PackRequest pack;  ///< how the final weights are packed
  /// What they will weigh; nothing where steps are fitted to the budget, or the recipe cannot do without its
  /// calibration.
  std::optional<SizeForecast> forecast;
  std::string train_pattern, val_pattern;  ///< with the data folder, for the log
  std::vector<ShardFiles> train_shards, val_shards;
  Fingerprint tokenizer;
  TokenizedText validation;
  EvalSettings eval;
  std::optional<AdaptConfig> adapt;  ///< with which the artifact is scored as well
};
/// @throws Error naming the file or the configuration's field; kMismatch when tokenizer, shards and
/// vocabulary do not belong together
RunInputs read_run_inputs(const TrainConfig& config, const TrainJob& job);
/// Whether the run's end collects the Hessians of the records: see CalibrationKind.
bool calibrates_inputs(const RunInputs& inputs);
/// @throws Error kMismatch when export.calibration is of another model
void check_calibration(const RunInputs& inputs, const TensorSet& weights);

}  // namespace golf
