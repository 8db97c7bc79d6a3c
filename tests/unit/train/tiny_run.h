#pragma once

#include <memory>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/model/parameter_init.h"
#include "golf/train/trainer/trainer.h"
#include "support/temp_dir.h"

namespace golf::test {

/// A model and data small enough for a step in a few milliseconds.
class TinyRun {
 public:
  /// With parts of several entries at once: multi-token heads, rounding that starts late, clipping, averages.
  static TinyRun mixed() {
    TinyRun run;
    run.config.mtp.heads = 2;
    run.config.qat = {
        .method = QatMethod::kFakeQuant, .bits = 4, .matrices = {"blocks."}, .start_fraction = 0.3};
    run.config.optimizer.muon.weight_decay = run.config.optimizer.adam.weight_decay = 0.1;
    run.config.optimizer.grad_clip_norm = 0.5;
    run.config.weights.ema.decay = 0.9;
    run.config.weights.swa = {.enabled = true, .every = 2, .start_lr_below = 1.5};
    return run;
  }

  TinyRun() : TinyRun(1000) {}
  /// @param shard_tokens  of the one shard
  explicit TinyRun(size_t shard_tokens) {
    config.model = {.vocab_size = 32,
                    .num_layers = 3,
                    .model_dim = 16,
                    .num_heads = 2,
                    .num_kv_heads = 1,
                    .mlp_hidden = 32};
    config.data = {.seq_len = 8, .batch_tokens = 64, .grad_accum_steps = 2};
    config.schedule = {.iterations = 10, .warmdown_iters = 4, .warmup_steps = 0, .max_wallclock_seconds = 0};
    config.optimizer.muon.momentum_warmup_steps = 5;
    std::vector<uint16_t> tokens(shard_tokens);
    for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<uint16_t>(i * i % 29);
    write_file_atomic(dir_->file("train_0.bin"), encode_token_shard(tokens));
  }

  Trainer trainer(const Communicator& ranks = Communicator::solo(), torch::Device device = torch::kCPU,
                  torch::ScalarType dtype = torch::kFloat) const {
    Decoder model(config.model);
    init_parameters(model, {}, config.training.seed);
    model->to(device);
    model->set_compute_dtype(dtype);
    return {config, model,
            make_batch_loader(config.data, find_shards(dir_->file("train_*.bin")), config.model.vocab_size,
                              ranks.ranks()),
            ranks};
  }

  TrainConfig config;

 private:
  std::unique_ptr<TempDir> dir_ = std::make_unique<TempDir>();
};

}  // namespace golf::test
