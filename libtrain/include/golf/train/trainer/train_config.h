#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/model_config.h"

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

struct AdamConfig {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double eps = 1e-8;

  bool operator==(const AdamConfig&) const = default;
};

/// In which type the Newton–Schulz iteration runs.
enum class IterationDType { kBFloat16, kFloat32 };

struct MuonConfig {
  double momentum = 0.95;
  double momentum_warmup_start = 0.85;
  int64_t momentum_warmup_steps = 500;
  int64_t ns_steps = 5;
  IterationDType ns_dtype = IterationDType::kBFloat16;

  bool operator==(const MuonConfig&) const = default;
};

/// Rates of the parameter groups (see parameter_groups.h) and the two optimisers' own settings.
struct OptimizerConfig {
  double embed_lr = 0.6;  ///< embedding of an untied model
  double head_lr = 0.008;
  double tied_embed_lr = 0.05;
  double matrix_lr = 0.04;
  double scalar_lr = 0.04;
  double grad_clip_norm = 0.0;  ///< 0 is off
  AdamConfig adam;
  MuonConfig muon;

  bool operator==(const OptimizerConfig&) const = default;
};

struct ScheduleConfig {
  int64_t iterations = 20'000;
  int64_t warmdown_iters = 1200;
  int64_t warmup_steps = 20;             ///< steps whose effect is undone before the timed part
  double max_wallclock_seconds = 600.0;  ///< 0 is no cap

  bool operator==(const ScheduleConfig&) const = default;
};

struct TrainingConfig {
  uint64_t seed = 1337;
  int64_t val_every = 1000;  ///< steps between validations; 0 validates at the end only
  int64_t log_every = 200;
  double qk_gain_init = 1.5;
  double tied_embed_init_std = 0.005;
  std::string device = "auto";  ///< "auto", "cpu", "cuda", "cuda:1"
  std::string dtype = "auto";   ///< "auto" (bf16 on CUDA, fp32 on the CPU), "fp32", "bf16"
  int64_t threads = 0;          ///< CPU threads of the forward and backward pass; 0 leaves it to torch

  bool operator==(const TrainingConfig&) const = default;
};

/// How the final weights are packed.
struct ExportConfig {
  std::string recipe = "baseline-int8";
  std::string format = "golf";  ///< "golf" or "ptz"
  std::string codec;            ///< empty: the recipe's
  int64_t keep_float_max = 65'536;

  bool operator==(const ExportConfig&) const = default;
};

/// One training run. Defaults are the challenge's baseline (spec §7, base column). The document that holds it
/// is also a model configuration for the other tools, which pass over the sections they do not know.
struct TrainConfig {
  std::string name = "baseline";
  ModelConfig model;
  EvalConfig eval;
  DataConfig data;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  TrainingConfig training;
  ExportConfig export_;  ///< section "export"

  ModelSpec spec() const { return {.model = model, .eval = eval}; }
  bool operator==(const TrainConfig&) const = default;
};
void describe(JsonFields& fields, DataConfig& config);
void describe(JsonFields& fields, AdamConfig& config);
void describe(JsonFields& fields, MuonConfig& config);
void describe(JsonFields& fields, OptimizerConfig& config);
void describe(JsonFields& fields, ScheduleConfig& config);
void describe(JsonFields& fields, TrainingConfig& config);
void describe(JsonFields& fields, ExportConfig& config);
void describe(JsonFields& fields, TrainConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const TrainConfig& config);

std::string_view iteration_dtype_name(IterationDType dtype);

}  // namespace golf
