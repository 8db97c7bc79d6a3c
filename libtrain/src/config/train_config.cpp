#include "golf/train/config/train_config.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "golf/artifact/base/require.h"

namespace golf {
namespace {

constexpr std::array<EnumName<MatrixInit>, 4> kMatrixInits = {{
    {MatrixInit::kUpstream, "upstream"},
    {MatrixInit::kOrthogonal, "orthogonal"},
    {MatrixInit::kOrthogonalBanks, "orthogonal_banks"},
    {MatrixInit::kOrthogonalBanksMlpLast, "orthogonal_banks_mlp_last"},
}};

}  // namespace

void describe(JsonFields& fields, DataConfig& config) {
  fields.field("train_pattern", config.train_pattern);
  fields.field("val_pattern", config.val_pattern);
  fields.field("seq_len", config.seq_len);
  fields.field("batch_tokens", config.batch_tokens);
  fields.field("micro_steps", config.micro_steps);
}

void describe(JsonFields& fields, TrainingConfig& config) {
  fields.field("seed", config.seed);
  fields.field("val_every", config.val_every);
  fields.field("log_every", config.log_every);
  fields.field("checkpoint_every", config.checkpoint_every);
  fields.field("keep_checkpoints", config.keep_checkpoints);
  fields.enumeration("matrix_init", config.matrix_init, std::span<const EnumName<MatrixInit>>(kMatrixInits));
  fields.field("qk_gain_init", config.qk_gain_init);
  fields.field("tied_embed_init_std", config.tied_embed_init_std);
  fields.field("markov_mix_init", config.markov_mix_init);
  fields.field("markov_pairs_init", config.markov_pairs_init);
  fields.field("device", config.device);
  fields.field("dtype", config.dtype);
  fields.field("threads", config.threads);
  fields.field("cuda_graphs", config.cuda_graphs);
}

void describe(JsonFields& fields, ExportConfig& config) {
  fields.field("recipe", config.recipe);
  fields.field("format", config.format);
  fields.field("codec", config.codec);
  fields.field("keep_float_max", config.keep_float_max);
  fields.field("size_every", config.size_every);
}

namespace {

void validate(const DataConfig& data) {
  require(!data.train_pattern.empty(), "data.train_pattern", "is empty");
  require(!data.val_pattern.empty(), "data.val_pattern", "is empty");
  require_range("data.seq_len", data.seq_len, 1, 1 << 20);
  require_range("data.batch_tokens", data.batch_tokens, 1, int64_t{1} << 30);
  require_range("data.micro_steps", data.micro_steps, 1, 1 << 16);
  const int64_t micro_batch = data.batch_tokens / data.micro_steps;
  require(
      micro_batch > 0 && micro_batch % data.seq_len == 0, "data.batch_tokens",
      fmt::format(
          "{} tokens over {} micro-steps is {} each, not a multiple of seq_len {}: give a multiple of {}",
          data.batch_tokens, data.micro_steps, micro_batch, data.seq_len, data.micro_steps * data.seq_len));
}

void validate(const TrainingConfig& training) {
  require_range("training.val_every", training.val_every, 0, 1 << 30);
  require_range("training.log_every", training.log_every, 0, 1 << 30);
  require_range("training.checkpoint_every", training.checkpoint_every, 0, 1 << 30);
  require_range("training.keep_checkpoints", training.keep_checkpoints, 1, 1 << 30);
  require_range("training.qk_gain_init", training.qk_gain_init, -1e3, 1e3);
  require_range("training.tied_embed_init_std", training.tied_embed_init_std, 0, 1e3);
  require(training.markov_mix_init > 0 && training.markov_mix_init < 1, "training.markov_mix_init",
          fmt::format("{} is not between 0 and 1", training.markov_mix_init));
  require_range("training.markov_pairs_init", training.markov_pairs_init, -1e3, 1e3);
  require_range("training.threads", training.threads, 0, 4096);
  require(
      training.device == "auto" || training.device.starts_with("cpu") || training.device.starts_with("cuda"),
      "training.device", fmt::format("\"{}\" is not one of: auto, cpu, cuda, cuda:N", training.device));
  require(training.dtype == "auto" || training.dtype == "fp32" || training.dtype == "bf16", "training.dtype",
          fmt::format("\"{}\" is not one of: auto, fp32, bf16", training.dtype));
}

}  // namespace

void describe(JsonFields& fields, TrainConfig& config) {
  fields.field("name", config.name);
  fields.section("model", config.model);
  fields.section("eval", config.eval);
  fields.section("data", config.data);
  fields.section("optimizer", config.optimizer);
  fields.section("schedule", config.schedule);
  fields.section("training", config.training);
  fields.section("mtp", config.mtp);
  fields.section("qat", config.qat);
  fields.section("weights", config.weights);
  fields.section("export", config.export_);
}

void validate(const TrainConfig& config) {
  validate(config.model);
  validate(config.eval);
  validate(config.data);
  validate(config.optimizer);
  validate(config.schedule);
  validate(config.training);
  validate(config.mtp);
  require(
      config.mtp.heads < config.data.seq_len, "mtp.heads",
      fmt::format("{} heads need more than data.seq_len {} tokens", config.mtp.heads, config.data.seq_len));
  validate(config.qat);
  validate(config.weights);
  require(config.export_.format == "golf" || config.export_.format == "ptz", "export.format",
          fmt::format("\"{}\" is not one of: golf, ptz", config.export_.format));
  require_range("export.keep_float_max", config.export_.keep_float_max, 0, int64_t{1} << 40);
  require_range("export.size_every", config.export_.size_every, 0, 1 << 30);
}

}  // namespace golf
