#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/spec/initial_values.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/train/averaging/averaging_config.h"
#include "golf/train/curriculum/curriculum_config.h"
#include "golf/train/data/data_config.h"
#include "golf/train/objective/objective_config.h"
#include "golf/train/optim/optimizer_config.h"
#include "golf/train/optim/schedule.h"
#include "golf/train/option/option.h"

namespace golf {

/// declare() says what each option means, here and below.
struct TrainingConfig {
  uint64_t seed = 1337;
  int64_t val_every = 1000;
  int64_t log_every = 200;
  int64_t checkpoint_every = 0;
  int64_t keep_checkpoints = 2;
  MatrixInit matrix_init = MatrixInit::kUpstream;
  double qk_gain_init = 1.5;
  double tied_embed_init_std = 0.005;
  double markov_mix_init = 0.05;
  double markov_pairs_init = 0.05;
  std::string device = "auto";
  std::string dtype = "auto";
  int64_t threads = 0;
  bool cuda_graphs = false;
  bool gpu_kernels = true;

  bool operator==(const TrainingConfig&) const = default;
};

/// What a run collects for its quantizer at its end. kAuto: kInputs where the recipe has schemes of GPTQ,
/// else kGradients.
enum class CalibrationKind {
  kAuto,
  kInputs,     ///< sums of x·xᵀ, as PR 1394 and its descendants do: collect_hessians()
  kGradients,  ///< as golf-eval calibrate does: collect_calibration()
};

/// How the final weights are packed.
struct ExportConfig {
  std::string recipe = "baseline-int8";
  std::string format = "golf";
  std::string ptz_layout = "";
  std::string codec = "";
  int64_t keep_float_max = 65'536;
  std::string calibration = "";
  int64_t calibration_batches = 0;
  CalibrationKind calibration_kind = CalibrationKind::kAuto;
  bool fit = false;
  bool verify = true;
  int64_t size_every = 0;
  std::string adapt = "";

  bool operator==(const ExportConfig&) const = default;
};

/// One training run: parts that combine freely, whichever submission they come from. Defaults are the
/// challenge's baseline (docs/SUBMISSIONS.md, Upstream reference, Training). The document that holds it is
/// also a model configuration for the other tools, which ignore the sections they do not know.
struct TrainConfig {
  std::string name = "baseline";
  ModelConfig model;
  EvalConfig eval;
  DataConfig data;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  CurriculumConfig curriculum;
  TrainingConfig training;
  MtpConfig mtp;
  QatConfig qat;
  WeightsConfig weights;
  ExportConfig export_;  ///< section "export"

  ModelSpec spec() const { return {.model = model, .eval = eval}; }
  bool operator==(const TrainConfig&) const = default;
};
void declare(OptionVisitor& visit, TrainingConfig& config);
void declare(OptionVisitor& visit, ExportConfig& config);
void declare(OptionVisitor& visit, TrainConfig& config);
/// Every option, in the order of the document. Those of the optimizer's groups are listed for each group; a
/// model's and an evaluation's are not among them.
const std::vector<OptionRow>& train_options();
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const TrainConfig& config);

struct TrainPreset {
  std::string_view summary;
  TrainConfig config;  ///< its name is the preset's
};

/// The named training configurations.
std::span<const TrainPreset> train_presets();

}  // namespace golf
