#include "config/train_presets.h"

namespace golf::presets {

TrainConfig pr1394() {
  TrainConfig config = on_model({}, "pr1394");
  config.data.order = DataOrder::kShuffled;
  config.data.seq_len = 2048;
  config.data.batch_tokens = 786'432;
  set_rates(config.optimizer, 0.03, 0.02);
  config.optimizer.grad_clip_norm = 0.3;
  config.optimizer.adam.weight_decay = 0.02;
  config.optimizer.groups.embedding = {.weight_decay = 0.085};
  config.optimizer.groups.head = {.weight_decay = 0.0};
  config.optimizer.muon.weight_decay = 0.085;
  config.optimizer.muon.row_normalize = true;
  config.schedule.warmdown_iters = 0;
  config.schedule.warmdown_fraction = 0.667;
  config.schedule.reserve_seconds = 12;
  config.curriculum.recurrence_start = 0.5;
  config.training.val_every = 4000;
  config.training.log_every = 500;
  config.training.matrix_init = MatrixInit::kOrthogonal;
  config.training.qk_gain_init = 4.0;
  config.weights.ema.decay = 0.997;
  config.export_.recipe = "pr1394";
  config.export_.format = "ptz";
  config.export_.calibration_batches = 64;
  return config;
}

TrainConfig pr1493() {
  TrainConfig config = on_model(pr1394(), "pr1493");
  config.optimizer.matrix_lr = 0.022;
  config.optimizer.muon.weight_decay = 0.095;
  config.schedule.warmdown_fraction = 0.72;
  config.curriculum.recurrence_start = 0.35;
  config.training.qk_gain_init = 5.25;
  config.weights.ema.decay = 0.9965;
  config.export_.recipe = "pr1493";
  return config;
}

TrainConfig pr1855() {
  TrainConfig config = on_model(pr1493(), "pr1855");
  config.data.order = DataOrder::kDocuments;
  config.optimizer.matrix_lr = 0.026;
  config.optimizer.clip_each_rank = true;
  config.optimizer.adam.beta2 = 0.99;
  config.optimizer.muon.momentum = 0.97;
  config.optimizer.muon.ns_coefficients = NewtonSchulz::kPolarExpress;
  config.optimizer.muon.momentum_dtype = IterationDType::kBFloat16;
  config.schedule.warmdown_fraction = 0.85;
  config.schedule.min_lr = 0.1;
  config.schedule.reserve_seconds = 0.5;
  config.training.val_every = 0;
  config.training.matrix_init = MatrixInit::kOrthogonalBanksMlpLast;
  config.training.qk_gain_init = 5.0;
  config.export_.recipe = "pr1855";
  config.export_.ptz_layout = "gptq";  // its own file needs the program lrzip: COMPRESSOR=pergroup
  config.export_.calibration_batches = 16;
  return config;
}

TrainConfig pr1945() {
  TrainConfig config = on_model(pr1855(), "pr1945");
  config.schedule.reserve_seconds = 4;
  config.training.qk_gain_init = 5.25;
  config.export_.recipe = "pr1945";
  return config;
}

TrainConfig pr1953() {
  TrainConfig config = on_model(pr1945(), "pr1953");
  config.export_.recipe = "pr1953";
  return config;
}

TrainConfig pr2014() {
  TrainConfig config = on_model(pr1945(), "pr2014");
  config.data.seq_len = 3072;
  config.curriculum.seq_lens = "1024@0.100,2048@0.700,3072@1.000";
  config.curriculum.rewarm_steps = 32;
  config.curriculum.skipped_batches = 2;
  config.export_.recipe = "pr2014";
  return config;
}

TrainConfig pr2135() {
  TrainConfig config = on_model(pr1855(), "pr2135");
  config.optimizer.matrix_lr = 0.028;
  config.training.val_every = 4000;
  config.export_.recipe = "pr2135";
  config.export_.ptz_layout = "";
  config.export_.calibration_batches = 32;
  return config;
}

TrainConfig april_tiny(TrainConfig config) {
  config = tiny(std::move(config), 2);
  config.data.batch_tokens = 1024;
  config.data.grad_accum_steps = 1;
  config.export_.calibration_batches = 16;
  return config;
}

TrainConfig may_tiny(TrainConfig config) {
  config = tiny(std::move(config), 0);
  config.data.batch_tokens = 3072;
  config.weights.ema.decay = 0.98;
  return config;
}

TrainConfig pr2014_tiny() {
  TrainConfig config = may_tiny(pr2014());
  config.data.seq_len = 384;
  config.curriculum.seq_lens = "128@0.100,192@0.700,384@1.000";
  config.curriculum.rewarm_steps = 4;
  return config;
}

}  // namespace golf::presets
