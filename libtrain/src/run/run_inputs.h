#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/pack/pack.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/eval_result.h"
#include "golf/train/run/train.h"

namespace golf {

/// What a run is given, and what its end needs, read before its first step so that nothing wrong with it is
/// found too late.
struct RunInputs {
  TrainConfig config;
  TrainJob job;
  PackRequest pack;                        ///< how the final weights are packed
  std::string train_pattern, val_pattern;  ///< with the data folder, for the log
  std::vector<ShardFiles> train_shards, val_shards;
  Fingerprint tokenizer;
  TokenizedText validation;
  EvalSettings eval;
};
/// @throws Error naming the file or the configuration's field; kMismatch when tokenizer, shards and
/// vocabulary do not belong together
RunInputs read_run_inputs(const TrainConfig& config, const TrainJob& job);
/// @throws Error kMismatch when export.calibration is of another model
void check_calibration(const RunInputs& inputs, const TensorSet& weights);

}  // namespace golf
