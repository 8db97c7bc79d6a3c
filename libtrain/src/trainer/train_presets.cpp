#include "golf/train/trainer/train_presets.h"

#include <array>

#include "golf/artifact/spec/model_presets.h"

namespace golf {
namespace {

ModelSpec model_preset(std::string_view name) { return find_model_preset(name).value(); }

/// The challenge's own run, for 8 GPUs and 600 seconds.
TrainPreset baseline() {
  return {"the challenge's baseline: 524,288 tokens a step, 600 seconds", TrainConfig{}};
}

/// A model that a test can train.
TrainPreset baseline_tiny() {
  TrainConfig config;
  config.name = "baseline-tiny";
  config.model = model_preset("baseline-tiny").model;
  config.eval = model_preset("baseline-tiny").eval;
  config.data.seq_len = 256;
  config.data.batch_tokens = 2048;
  config.schedule = {.iterations = 60, .warmdown_iters = 20, .warmup_steps = 2, .max_wallclock_seconds = 0};
  config.optimizer.muon.momentum_warmup_steps = 30;
  config.training.val_every = 0;
  config.training.log_every = 20;
  return {"5 layers, 128 wide, 60 steps of 2,048 tokens: for tests", config};
}

/// What a laptop or a CI machine trains in two minutes. Fewer, larger micro-steps keep its cores busy.
TrainPreset baseline_cpu() {
  TrainPreset preset = baseline_tiny();
  preset.summary = "5 layers, 128 wide, two minutes on two CPU cores";
  TrainConfig& config = preset.config;
  config.name = "baseline-cpu";
  config.data.batch_tokens = 8192;
  config.data.micro_steps = 2;
  config.schedule = {
      .iterations = 2000, .warmdown_iters = 100, .warmup_steps = 0, .max_wallclock_seconds = 120};
  config.optimizer.muon.momentum_warmup_steps = 50;
  config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  return preset;
}

}  // namespace

std::span<const TrainPreset> train_presets() {
  static const std::array kPresets = {baseline(), baseline_tiny(), baseline_cpu()};
  return kPresets;
}

const TrainPreset* find_train_preset(std::string_view name) {
  for (const TrainPreset& preset : train_presets()) {
    if (preset.config.name == name) return &preset;
  }
  return nullptr;
}

}  // namespace golf
