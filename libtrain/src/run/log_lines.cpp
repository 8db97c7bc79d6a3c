#include "golf/train/run/log_lines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace golf::log_lines {
namespace {

std::string_view python_bool(bool value) { return value ? "True" : "False"; }

/// A float as Python prints it: the shortest digits that read back, always with a point or an exponent.
std::string python_float(double value) {
  std::string text = fmt::format("{}", value);
  const bool integral = text.find_first_not_of("-0123456789") == std::string::npos;
  return integral ? text + ".0" : text;
}

std::string timing(int64_t step, double train_ms) {
  return fmt::format("train_time:{:.0f}ms step_avg:{:.2f}ms", train_ms,
                     train_ms / static_cast<double>(std::max<int64_t>(step, 1)));
}

/// The blocks of both halves of a plan as Python prints lists.
std::string python_plan(const LayerPlan& plan) {
  std::vector<int64_t> halves[2];
  for (size_t i = 0; i < plan.calls.size(); ++i) {
    halves[i < static_cast<size_t>(plan.encoder_calls) ? 0 : 1].push_back(plan.calls[i].block);
  }
  return fmt::format("encoder:[{}] decoder:[{}]", fmt::join(halves[0], ", "), fmt::join(halves[1], ", "));
}

}  // namespace

std::vector<std::string> header(const TrainConfig& config, const RunFacts& facts) {
  const ModelConfig& model = config.model;
  const OptimizerConfig& optimizer = config.optimizer;
  std::vector<std::string> lines = {
      fmt::format("val_bpb:enabled tokenizer_kind=sentencepiece tokenizer_path={}", facts.tokenizer_path),
      fmt::format("train_loader:dataset:{} train_shards:{}", facts.dataset_name, facts.train_shards),
      fmt::format("val_loader:shards pattern={} tokens:{}", facts.val_pattern, facts.val_tokens),
      fmt::format("model_params:{}", facts.parameters),
      fmt::format("world_size:{} grad_accum_steps:{}", facts.world_size, facts.grad_accum_steps),
      fmt::format("sdp_backends:cudnn={} flash={} mem_efficient={} math={}", python_bool(facts.cudnn),
                  python_bool(facts.flash), python_bool(facts.mem_efficient), python_bool(facts.math)),
      fmt::format("attention_mode:gqa num_heads:{} num_kv_heads:{}", model.num_heads, model.num_kv_heads),
      fmt::format("tie_embeddings:{} embed_lr:{} head_lr:{} matrix_lr:{} scalar_lr:{}",
                  python_bool(model.tie_embeddings),
                  python_float(model.tie_embeddings ? optimizer.tied_embed_lr : optimizer.embed_lr),
                  python_float(model.tie_embeddings ? 0.0 : optimizer.head_lr),
                  python_float(optimizer.matrix_lr), python_float(optimizer.scalar_lr)),
      fmt::format(
          "train_batch_tokens:{} train_seq_len:{} iterations:{} warmup_steps:{} max_wallclock_seconds:{:.3f}",
          config.data.batch_tokens, config.data.seq_len, config.schedule.iterations,
          config.schedule.warmup_steps, config.schedule.max_wallclock_seconds),
      fmt::format("seed:{}", config.training.seed),
  };
  if (config.mtp.heads > 0) {
    const auto after_parameters = lines.begin() + 4;
    lines.insert(after_parameters, fmt::format("mtp_num_heads:{} mtp_loss_weight:{} mtp_params:{}",
                                               config.mtp.heads, python_float(config.mtp.loss_weight),
                                               config.mtp.heads * model.vocab_size * model.model_dim));
  }
  return lines;
}

bool logs_warmup_step(int64_t k, int64_t n) { return n <= 20 || k % 10 == 0 || k == n; }

std::string warmup_step(int64_t k, int64_t n) { return fmt::format("warmup_step:{}/{}", k, n); }

std::string loop_warmup(const LayerPlan& plan) {
  return fmt::format("loop_warmup:enabled {}", python_plan(plan));
}

std::string loop_warmup_step(int64_t k, int64_t n) { return fmt::format("loop_warmup_step: {}/{}", k, n); }

std::string validation(int64_t step, int64_t iterations, double val_loss, double val_bpb, double train_ms) {
  return fmt::format("step:{}/{} val_loss:{:.4f} val_bpb:{:.4f} {}", step, iterations, val_loss, val_bpb,
                     timing(step, train_ms));
}

std::string train_step(int64_t step, int64_t iterations, double train_loss, double train_ms) {
  return fmt::format("step:{}/{} train_loss:{:.4f} {}", step, iterations, train_loss, timing(step, train_ms));
}

std::string qat_started(int64_t step_index, double lr_multiplier) {
  return fmt::format("late_qat:enabled step:{} scale:{:.4f}", step_index, lr_multiplier);
}

std::string recurrence_started(int64_t step_index, double progress, const LayerPlan& plan) {
  return fmt::format("layer_loop:enabled step:{} frac:{:.3f} {}", step_index, progress, python_plan(plan));
}

std::string recurrence_not_trained(double start) {
  return fmt::format(
      "layer_loop:never enabled, the run ended before {:.3f} of it: the artifact is evaluated with loops, "
      "which its weights were not trained for",
      start);
}

std::string seq_len_changed(int64_t step_index, double progress, int64_t seq_len) {
  return fmt::format("train_seq_len:{} step:{} frac:{:.3f}", seq_len, step_index, progress);
}

std::string swa_started(int64_t step) { return fmt::format("swa:start step:{}", step); }

std::string swa_applied(int64_t snapshots) {
  return fmt::format("swa:applying averaged {} checkpoints", snapshots);
}

std::string ema_applied() { return "ema:applying EMA weights"; }

std::string averaged_validation(const std::string& average, double val_loss, double val_bpb, double eval_ms) {
  return fmt::format("DIAGNOSTIC post_{} val_loss:{:.4f} val_bpb:{:.4f} eval_time:{:.0f}ms", average,
                     val_loss, val_bpb, eval_ms);
}

std::string utilization(double share, double operations_per_token, double operations_per_second) {
  return fmt::format("mfu:{:.4f} operations_per_token:{:.0f} peak_operations_per_second:{:.3e}", share,
                     operations_per_token, operations_per_second);
}

std::string progress_note(double train_loss, double tokens_per_second, std::optional<double> mfu) {
  const std::string share = mfu ? fmt::format(", MFU {:.1f}%", 100 * *mfu) : "";
  return fmt::format("loss {:.4f}, {:.0f} tokens/s{}", train_loss, tokens_per_second, share);
}

std::string stopping_early(double train_ms, int64_t step, int64_t iterations) {
  return fmt::format("stopping_early: wallclock_cap train_time:{:.0f}ms step:{}/{}", train_ms, step,
                     iterations);
}

std::string peak_memory(uint64_t allocated_bytes, uint64_t reserved_bytes) {
  constexpr uint64_t kMebibyte = 1024 * 1024;
  return fmt::format("peak memory allocated: {} MiB reserved: {} MiB", allocated_bytes / kMebibyte,
                     reserved_bytes / kMebibyte);
}

std::string expected_size(const SizeForecast& forecast) {
  const BudgetReport& budget = forecast.budget;
  std::string text = fmt::format(
      "expected_size: artifact:{} bytes code:{} bytes total:{} bytes limit:{} bytes codec:{} at {} "
      "of the entropy of Gaussian rows",
      budget.artifact_bytes, budget.code_bytes(), budget.total_bytes(), budget.limit_bytes, forecast.codec,
      forecast.codec_overhead);
  for (const ForecastPart& part : forecast.parts) {
    text += fmt::format(" {}:{:.2f} bits x {}", part.scheme, part.bits_per_weight(), part.weights);
  }
  if (!budget.fits()) {
    text += fmt::format(
        " warning: {} bytes over the limit: choose a coarser export.recipe, export.fit or a "
        "smaller model",
        -budget.margin_bytes());
  }
  return text;
}

std::string calibrated(bool hessians, size_t statistics, double seconds) {
  return fmt::format("{}:collected {} {} in {:.1f}s", hessians ? "GPTQ" : "calibration", statistics,
                     hessians ? "Hessians" : "statistics", seconds);
}

std::string reserve_used(double train_seconds, double calibration_seconds, double cap_seconds) {
  const double used = train_seconds + calibration_seconds;
  std::string text = fmt::format("reserve: training {:.1f}s and calibration {:.1f}s of {:.1f}s",
                                 train_seconds, calibration_seconds, cap_seconds);
  if (used > cap_seconds) {
    text += fmt::format(
        " warning: {:.1f}s too long: raise schedule.reserve_seconds, or lower "
        "export.calibration_batches",
        used - cap_seconds);
  }
  return text;
}

std::string projected_size(int64_t step, const BudgetReport& budget) {
  return fmt::format("projected_size: step:{} artifact:{} bytes total:{} bytes limit:{} bytes", step,
                     budget.artifact_bytes, budget.total_bytes(), budget.limit_bytes);
}

std::vector<std::string> sizes(const Sizes& sizes, const std::string& recipe, const std::string& codec) {
  const double ratio =
      static_cast<double>(sizes.original) / static_cast<double>(std::max<uint64_t>(sizes.payload, 1));
  return {
      fmt::format("Serialized model: {} bytes", sizes.checkpoint),
      fmt::format("Code size: {} bytes", sizes.code),
      fmt::format("Total submission size: {} bytes", sizes.checkpoint + sizes.code),
      fmt::format("Serialized model {}+{}: {} bytes (payload:{} raw_torch:{} payload_ratio:{:.2f}x)", recipe,
                  codec, sizes.artifact, sizes.payload, sizes.raw, ratio),
      fmt::format("Total submission size {}+{}: {} bytes", recipe, codec, sizes.artifact + sizes.code),
  };
}

std::vector<std::string> roundtrip(const std::string& recipe, const std::string& codec, double val_loss,
                                   double val_bpb, double eval_ms) {
  const std::string name = fmt::format("final_{}_{}_roundtrip", recipe, codec);
  return {
      fmt::format("{} val_loss:{:.4f} val_bpb:{:.4f} eval_time:{:.0f}ms", name, val_loss, val_bpb, eval_ms),
      fmt::format("{}_exact val_loss:{:.8f} val_bpb:{:.8f}", name, val_loss, val_bpb),
  };
}

std::string adapted(double val_loss, double val_bpb, double eval_ms) {
  return fmt::format("quantized_ttt val_loss:{:.8f} val_bpb:{:.8f} eval_time:{:.0f}ms", val_loss, val_bpb,
                     eval_ms);
}

std::string recipe_word(const std::string& recipe) {
  constexpr std::string_view kPrefix = "baseline-";
  std::string word = recipe.starts_with(kPrefix) ? recipe.substr(kPrefix.size()) : recipe;
  for (char& c : word) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return word;
}

std::string codec_word(const std::string& codec) { return codec.substr(0, codec.find(':')); }

}  // namespace golf::log_lines
