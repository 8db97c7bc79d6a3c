#pragma once

#include <cstdint>
#include <vector>

#include "golf/artifact/budget/budget.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/eval_result.h"
#include "golf/train/run/train.h"

namespace golf {

/// What a run needs at its end, read before its first step so that nothing wrong with it is found too late.
struct RunInputs {
  QuantRecipe recipe;
  CodecSpec codec;
  std::vector<CodeFile> code;
  std::string train_pattern, val_pattern;  ///< with the data folder, for the log
  std::vector<ShardFiles> train_shards, val_shards;
  Fingerprint tokenizer;
  TokenizedText validation;
  EvalSettings eval;
};
/// @throws Error naming the file or the configuration's field; kMismatch when tokenizer, shards and
/// vocabulary do not belong together
RunInputs read_run_inputs(const TrainConfig& config, const TrainJob& job);

}  // namespace golf
