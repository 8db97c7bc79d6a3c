#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/initial_values.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/train/averaging/averaging_config.h"
#include "golf/train/objective/objective_config.h"
#include "golf/train/optim/optimizer_config.h"
#include "golf/train/optim/schedule.h"

namespace golf {

/// What a run reads. Lengths in tokens.
struct DataConfig {
  std::string train_pattern = "fineweb_train_*.bin";  ///< globs inside the data folder
  std::string val_pattern = "fineweb_val_*.bin";
  int64_t seq_len = 1024;
  int64_t batch_tokens = 524'288;  ///< of one optimiser step, over all ranks and micro-steps
  int64_t micro_steps = 8;         ///< forward and backward passes a step, over all ranks (upstream's W·A)

  bool operator==(const DataConfig&) const = default;
};

struct TrainingConfig {
  uint64_t seed = 1337;
  int64_t val_every = 1000;  ///< steps between validations; 0 validates at the end only
  int64_t log_every = 200;
  int64_t checkpoint_every = 0;  ///< steps between checkpoints; 0 saves when the run is told to stop only
  int64_t keep_checkpoints = 2;  ///< the newest so many
  MatrixInit matrix_init = MatrixInit::kUpstream;
  double qk_gain_init = 1.5;
  double tied_embed_init_std = 0.005;
  double markov_mix_init = 0.05;    ///< share of MarkovMix's table
  double markov_pairs_init = 0.05;  ///< weight of its second order
  std::string device = "auto";      ///< "auto", "cpu", "cuda", "cuda:1"
  std::string dtype = "auto";       ///< "auto" (bf16 on CUDA, fp32 on the CPU), "fp32", "bf16"
  int64_t threads = 0;              ///< CPU threads of the forward and backward pass; 0 leaves it to torch
  bool cuda_graphs = false;         ///< on a GPU: records the micro-step once, then replays it (StepGraph)

  bool operator==(const TrainingConfig&) const = default;
};

/// How the final weights are packed.
struct ExportConfig {
  std::string recipe = "baseline-int8";
  std::string format = "golf";  ///< "golf" or "ptz"
  std::string codec;            ///< empty: the recipe's
  int64_t keep_float_max = 65'536;
  int64_t size_every = 0;  ///< steps between packings in the background, which tell what it will weigh

  bool operator==(const ExportConfig&) const = default;
};

/// One training run: parts that combine freely, whichever entry they come from. Defaults are the challenge's
/// baseline (spec §7, base column). The document that holds it is also a model configuration for the other
/// tools, which pass over the sections they do not know.
struct TrainConfig {
  std::string name = "baseline";
  ModelConfig model;
  EvalConfig eval;
  DataConfig data;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  TrainingConfig training;
  MtpConfig mtp;
  QatConfig qat;
  WeightsConfig weights;
  ExportConfig export_;  ///< section "export"

  ModelSpec spec() const { return {.model = model, .eval = eval}; }
  bool operator==(const TrainConfig&) const = default;
};
void describe(JsonFields& fields, DataConfig& config);
void describe(JsonFields& fields, TrainingConfig& config);
void describe(JsonFields& fields, ExportConfig& config);
void describe(JsonFields& fields, TrainConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const TrainConfig& config);

}  // namespace golf
