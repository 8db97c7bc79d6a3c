#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/budget/budget.h"
#include "golf/artifact/pack/forecast.h"
#include "golf/artifact/spec/layer_plan.h"
#include "golf/train/config/train_config.h"

namespace golf {

/// The challenge's own log lines, as its tools expect them. Source: docs/SUBMISSIONS.md, Upstream reference,
/// Training.
namespace log_lines {

/// What the lines before the first step tell besides the configuration.
struct RunFacts {
  std::string tokenizer_path;
  std::string dataset_name;
  uint64_t train_shards = 0;
  std::string val_pattern;
  int64_t val_tokens = 0;  ///< targets after trimming
  int64_t parameters = 0;
  int64_t world_size = 1;
  int64_t grad_accum_steps = 8;
  bool cudnn = false, flash = false, mem_efficient = false, math = false;  ///< attention kernels allowed
};
std::vector<std::string> header(const TrainConfig& config, const RunFacts& facts);

/// Whether warm-up step `k` of `n` has a line.
bool logs_warmup_step(int64_t k, int64_t n);
std::string warmup_step(int64_t k, int64_t n);
/// Before the warm-up steps with depth recurrence, and one of them.
std::string loop_warmup(const LayerPlan& plan);
std::string loop_warmup_step(int64_t k, int64_t n);

std::string validation(int64_t step, int64_t iterations, double val_loss, double val_bpb, double train_ms);
std::string train_step(int64_t step, int64_t iterations, double train_loss, double train_ms);
/// Rounding or noise began in the step with that index, 0 for the first.
std::string qat_started(int64_t step_index, double lr_multiplier);
/// Depth recurrence began in the step with that index. @param progress  share of the run before it
std::string recurrence_started(int64_t step_index, double progress, const LayerPlan& plan);
/// Depth recurrence never began. A line that only golf-train writes. @param start curriculum.recurrence_start
std::string recurrence_not_trained(double start);
/// Sequences have another length from the step with that index on. A line that only golf-train writes.
std::string seq_len_changed(int64_t step_index, double progress, int64_t seq_len);
std::string swa_started(int64_t step);
std::string swa_applied(int64_t snapshots);
std::string ema_applied();
/// @param average  "ema" or "swa"
std::string averaged_validation(const std::string& average, double val_loss, double val_bpb, double eval_ms);
/// The run's use of its GPUs (see step_cost.h): share of their peak, operations a token, peak of all of them.
std::string utilization(double share, double operations_per_token, double operations_per_second);
/// The live line's text after its count of steps. @param mfu  left out where it is not known
std::string progress_note(double train_loss, double tokens_per_second, std::optional<double> mfu);
std::string stopping_early(double train_ms, int64_t step, int64_t iterations);
std::string peak_memory(uint64_t allocated_bytes, uint64_t reserved_bytes);

// Lines that only golf-train writes, but for the second.
/// What the artifact will weigh, before the first step; that it would not fit, where it would not.
std::string expected_size(const SizeForecast& forecast);
/// @param hessians  alone, which PR 1493's program says in these words
std::string calibrated(bool hessians, size_t statistics, double seconds);
/// Training and calibration, which both read training data, against the time that they may take.
std::string reserve_used(double train_seconds, double calibration_seconds, double cap_seconds);
std::string projected_size(int64_t step, const BudgetReport& budget);

/// Sizes of what the run leaves, in bytes.
struct Sizes {
  uint64_t checkpoint = 0;
  uint64_t code = 0;
  uint64_t artifact = 0;
  uint64_t payload = 0;   ///< of the stored tensors
  uint64_t raw = 0;       ///< of the container before its codec
  uint64_t original = 0;  ///< of the tensors before quantization
};
/// @param recipe, codec  "int8", "zlib": how the lines call the artifact
std::vector<std::string> sizes(const Sizes& sizes, const std::string& recipe, const std::string& codec);
std::vector<std::string> roundtrip(const std::string& recipe, const std::string& codec, double val_loss,
                                   double val_bpb, double eval_ms);

/// Of the packed weights, adapted while they are scored; as PR 1493 calls it.
std::string adapted(double val_loss, double val_bpb, double eval_ms);

/// How the lines call a recipe and a codec: "baseline-int8" is "int8", "zlib:9" is "zlib".
std::string recipe_word(const std::string& recipe);
std::string codec_word(const std::string& codec);

}  // namespace log_lines
}  // namespace golf
