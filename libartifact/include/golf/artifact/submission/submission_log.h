#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// A value that a log gives, and where.
template <class T>
struct Logged {
  T value{};
  int64_t line = 0;  ///< from 1
};

/// "Serialized model int8+zlib: 15815847 bytes".
struct LoggedSize {
  enum class Kind { kModel, kCode, kTotal };
  Kind kind = Kind::kTotal;
  std::string label = {};  ///< "int8+zlib", "compressed"; empty: of the model before it was quantized
  int64_t bytes = 0;
  int64_t line = 0;
};

/// A total in megabytes alone: "artifact:15.92MB …".
struct RoundedSize {
  std::string written;     ///< "15.92MB"
  double least_bytes = 0;  ///< that could have been rounded to it; 0: not told
  int64_t line = 0;
};

/// A line with val_bpb, with val_loss where it has one.
struct LoggedScore {
  enum class Kind {
    kValidation,  ///< during training
    kUnpacked,    ///< after training, of the weights before they were quantized
    kResult,      ///< of what was packed
  };
  Kind kind = Kind::kResult;
  std::string label = {};           ///< what stands before val_loss: "final_int8_zlib_roundtrip_exact"
  std::optional<double> loss = {};  ///< nats a token
  double bpb = 0;
  int loss_decimals = 0, bpb_decimals = 0;  ///< as written
  double eval_ms = 0;                       ///< 0: not given
  int64_t line = 0;
};

/// A step at which a log gives both the time so far and the speed.
struct TimedStep {
  int64_t step = 0;
  double train_ms = 0;
  double step_ms = 0;  ///< the mean, as the log gives it; 0: it gives tokens a second
  double tokens_per_second = 0;
  double train_ms_unit = 1;  ///< how finely the time is written: 6,000 for "4.1m"
  int64_t line = 0;
};

/// What the log of a training run says, in the forms that upstream's scripts and their descendants write.
/// The source code that stands in many logs is passed over.
struct SubmissionLog {
  std::string file;
  std::string sha256;  ///< of the whole file
  /// The script that the log holds, as text; empty: it holds none. `source_line` is its first line.
  std::string source = {};
  int64_t source_line = 0;

  std::vector<LoggedSize> sizes = {};
  std::vector<LoggedScore> scores = {};
  std::vector<Logged<std::string>> gpus = {};  ///< one a device, by nvidia-smi
  std::optional<Logged<int64_t>> seed = {}, world_size = {}, model_params = {}, train_shards = {};
  std::optional<Logged<int64_t>> val_tokens = {}, train_batch_tokens = {};
  std::optional<Logged<int64_t>> last_step = {};
  std::optional<Logged<double>> train_ms = {};  ///< at the last step that says so
  std::optional<TimedStep> timed = {};          ///< the last one
  std::optional<Logged<double>> total_eval_ms = {};
  std::optional<Logged<double>> wallclock_seconds = {};  ///< the cap
  std::optional<Logged<std::string>> tokenizer = {};     ///< path
  std::optional<Logged<std::string>> not_finite = {};    ///< a loss that is NaN or infinite, as written
  /// Hyperparameters: "Hyperparameters:" blocks and lines of nothing but name:value before the first step.
  std::map<std::string, Logged<std::string>> settings = {};

  /// A line begins with "final" and speaks of bits a byte, in whatever form.
  bool has_final_line = false;
  std::optional<RoundedSize> rounded_total = {};  ///< the last one

  /// Whether it is the log of a run at all: there is a step, a score or a size in it.
  bool is_run() const { return last_step || !scores.empty() || !sizes.empty(); }
  /// Whether it shows training.
  bool trains() const { return last_step && train_ms; }
  /// The submission's total: the last one of a packed model. Null: the log gives none.
  const LoggedSize* total() const;
  /// The packed model's bytes, the last ones; null: not given.
  const LoggedSize* model() const;
  /// The last score of what was packed, or null.
  const LoggedScore* result() const;
};

/// Reads a log. Nothing in it is an error: lines of no known form are passed over.
/// @param file  its name, for findings
SubmissionLog read_submission_log(std::string_view text, const std::string& file);

}  // namespace golf
