#include "config/train_presets.h"

#include <vector>

#include "golf/artifact/spec/model_presets.h"
#include "golf/train/config/train_config.h"

namespace golf::presets {

TrainConfig on_model(TrainConfig config, const std::string& name) {
  const ModelSpec spec = find_model_preset(name).value();
  config.name = name;
  config.model = spec.model;
  config.eval = spec.eval;
  return config;
}

void set_rates(OptimizerConfig& optimizer, double tied_embed_lr, double others_lr) {
  optimizer.tied_embed_lr = tied_embed_lr;
  optimizer.matrix_lr = optimizer.scalar_lr = others_lr;
  optimizer.muon.momentum = 0.99;
  optimizer.muon.momentum_warmup_start = 0.92;
  optimizer.muon.momentum_warmup_steps = 1500;
}

TrainConfig tiny(TrainConfig config, int64_t warmup_steps) {
  config = on_model(config, config.name + "-tiny");
  config.data.seq_len = 256;
  config.data.batch_tokens = 2048;
  config.schedule.iterations = 60;
  if (!config.schedule.warmdown_fraction) config.schedule.warmdown_iters = 20;
  config.schedule.warmup_steps = warmup_steps;
  config.schedule.max_wallclock_seconds = 0;
  config.optimizer.muon.momentum_warmup_steps = 30;
  config.training.val_every = 0;
  config.training.log_every = 20;
  return config;
}

namespace {

// The submissions, each as its final run was started. Parts that a submission left switched off in that run
// keep its settings, so that switching them on gives what the submission would have done.

TrainConfig pr88() {
  TrainConfig config = on_model({}, "pr88");
  config.data.seq_len = 4096;
  config.data.batch_tokens = 393'216;
  set_rates(config.optimizer, 0.03, 0.02);
  config.optimizer.grad_clip_norm = 1.0;
  config.schedule.warmdown_iters = 3000;
  config.training.val_every = 0;
  config.mtp = {.heads = 1, .loss_weight = 0.01};
  config.qat = {.bits = 8,
                .clip_quantile = 0.9999984,
                .matrices = {"tok_emb", "blocks.", "lm_head", "mtp_heads"},
                .min_elements = 65'537,
                .start_fraction = 0.85};
  config.export_.recipe = "pr88";
  return config;
}

TrainConfig pr192() {
  TrainConfig config = on_model({}, "pr192");
  config.data.seq_len = 2048;
  set_rates(config.optimizer, 0.03, 0.02);
  config.optimizer.grad_clip_norm = 0.3;
  config.optimizer.muon.weight_decay = 0.038;
  config.optimizer.side_tables = SideTables::kControls;
  config.optimizer.groups.smear = {.lr_scale = 0.01, .beta1 = 0.9, .beta2 = 0.99};
  config.schedule.warmdown_iters = 3000;
  config.training.val_every = 200;
  config.training.log_every = 50;
  config.training.matrix_init = MatrixInit::kOrthogonal;
  config.qat = {.method = QatMethod::kFakeQuant, .matrices = {"blocks.", "lm_head"}};
  config.weights.swa = {.by_step_index = true};
  config.export_.recipe = "pr192";
  return config;
}

TrainConfig pr262() {
  TrainConfig config = on_model({}, "pr262");
  config.data.seq_len = 2048;
  config.data.batch_tokens = 786'432;
  set_rates(config.optimizer, 0.035, 0.025);
  config.optimizer.grad_clip_norm = 0.3;
  config.optimizer.adam.weight_decay = 0.04;
  config.optimizer.muon.weight_decay = 0.04;
  config.optimizer.groups.head = {.weight_decay = 0.0};
  config.optimizer.side_projections = SideProjections::kMatrices;
  config.schedule.warmdown_iters = 3000;
  config.training.matrix_init = MatrixInit::kOrthogonal;
  config.mtp.loss_weight = 0.2;
  config.qat = {.cast_first = true, .matrices = {"blocks.", "lm_head", "bigram.proj"}};
  config.weights.swa.enabled = true;
  config.export_.recipe = "pr262";
  return config;
}

TrainConfig pr993() {
  TrainConfig config = on_model({}, "pr993");
  config.data.seq_len = 2048;
  config.data.batch_tokens = 786'432;
  set_rates(config.optimizer, 0.035, 0.025);
  config.optimizer.grad_clip_norm = 0.3;
  config.optimizer.adam.weight_decay = 0.04;
  config.optimizer.muon.weight_decay = 0.04;
  config.optimizer.muon.momentum_dtype = IterationDType::kBFloat16;
  config.schedule.warmdown_iters = 3500;
  config.training.val_every = 4000;
  config.training.log_every = 500;
  config.training.matrix_init = MatrixInit::kOrthogonalBanks;
  config.mtp.loss_weight = 0.2;
  // Its banks are out of reach of its rounding, which finds only the projections of the features' tables.
  config.qat = {.method = QatMethod::kFakeQuant,
                .cast_first = true,
                .matrices = {"bigram.proj", "ve_shared.proj"},
                .start_lr_below = 0.15};
  config.weights.ema.decay = 0.997;
  // Collected and logged, but what it exports is the EMA.
  config.weights.swa = {.enabled = true, .every = 50, .start_lr_below = 0.2};
  config.export_.recipe = "pr993";
  return config;
}

TrainConfig pr1046() {
  TrainConfig config = on_model({}, "pr1046");
  config.data.batch_tokens = 786'432;
  config.qat = {.bits = 8,
                .matrices = {"tok_emb", "blocks.", "lm_head", "transition_logits"},
                .min_elements = 65'537,
                .start_fraction = 0.5};
  config.weights.ema.start_step = 50;
  config.export_.recipe = "pr1046";
  return config;
}

TrainConfig pr262_tiny() {
  TrainConfig config = tiny(pr262(), 0);
  config.weights.swa.every = 4;
  return config;
}

TrainConfig pr993_tiny() {
  TrainConfig config = tiny(pr993(), 2);
  config.data.grad_accum_steps = 1;
  config.weights.swa.every = 2;
  return config;
}

/// What a laptop or a CI machine trains in two minutes: small batches, because steps are what such a run is
/// short of, each in one pass, which keeps the cores busy.
TrainConfig baseline_cpu() {
  TrainConfig config = tiny({}, 0);
  config.name = "baseline-cpu";
  config.data.batch_tokens = 4096;
  config.data.grad_accum_steps = 1;
  config.schedule = {
      .iterations = 2000, .warmdown_iters = 150, .warmup_steps = 0, .max_wallclock_seconds = 120};
  config.optimizer.muon.momentum_warmup_steps = 50;
  return config;
}

std::vector<TrainPreset> all() {
  return {
      {"the challenge's baseline: 524,288 tokens a step, 600 seconds", {}},
      {"PR 88: multi-token prediction, length 4,096", pr88()},
      {"PR 192: int6 quantization-aware training from the first step, Muon with weight decay", pr192()},
      {"PR 262: AdamW, Muon with weight decay, SWA", pr262()},
      {"PR 993: AdamW, Muon with weight decay, EMA, late rounding of two projections", pr993()},
      {"PR 1046: a Markov table with a rate of its own", pr1046()},
      {"PR 1394: Muon with normalized rows, rates that fall over two thirds of the run", pr1394()},
      {"PR 1493: PR 1394 with other rates", pr1493()},
      {"PR 1855: PolarExpress, rates that stay at a tenth, each rank's gradients clipped", pr1855()},
      {"PR 1945: PR 1855 with AsymLogit and a larger gain of the queries", pr1945()},
      {"PR 1953: PR 1945, evaluated at length 2,560", pr1953()},
      {"PR 2014: PR 1945 with sequences that grow to length 3,072", pr2014()},
      {"PR 2135: PR 1855 with a higher rate of the matrices", pr2135()},
      {"5 layers, 128 wide, 60 steps of 2,048 tokens: for tests", tiny({}, 2)},
      {"5 layers, 128 wide, two minutes on two CPU cores", baseline_cpu()},
      {"PR 88 on a tiny model: for tests", tiny(pr88(), 2)},
      {"PR 192 on a tiny model: for tests", tiny(pr192(), 0)},
      {"PR 262 on a tiny model: for tests", pr262_tiny()},
      {"PR 993 on a tiny model: for tests", pr993_tiny()},
      {"PR 1046 on a tiny model: for tests", tiny(pr1046(), 2)},
      {"PR 1394 on a tiny model: for tests", april_tiny(pr1394())},
      {"PR 1493 on a tiny model: for tests", april_tiny(pr1493())},
      {"PR 1855 on a tiny model: for tests", may_tiny(pr1855())},
      {"PR 2014 on a tiny model: for tests", pr2014_tiny()},
      {"PR 2135 on a tiny model: for tests", may_tiny(pr2135())},
  };
}

}  // namespace
}  // namespace golf::presets

namespace golf {

std::span<const TrainPreset> train_presets() {
  static const std::vector<TrainPreset> kPresets = presets::all();
  return kPresets;
}

}  // namespace golf
