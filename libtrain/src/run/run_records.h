#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/train/config/train_config.h"
#include "golf/train/run/train.h"

namespace golf {

/// Where and with what a run ran, for its records.
struct RunEnvironment {
  std::string version;  ///< of the tool
  std::string libtorch_version, device;
  std::string device_name = {};  ///< of a GPU
  std::string dtype;
  int threads = 0;
  int64_t parameters = 0;
  int64_t world_size = 1;
};

/// The first line of metrics.jsonl: "schema": "golf.metrics/1", everything that explains the run.
Json run_record(const TrainConfig& config, const RunEnvironment& environment);

/// Where a run went on after it had been cut off, and with what.
Json resume_record(int64_t step, const TrainConfig& config, const RunEnvironment& environment);

/// One optimizer step, already read from the device.
struct StepRecord {
  int64_t step = 0;
  double train_loss = 0, grad_norm = 0, lr_multiplier = 1, muon_momentum = 0;
  std::vector<std::pair<std::string, double>> lrs;  ///< by group
  bool qat = false;
  bool recurrence = false;
  int64_t seq_len = 0;
  int64_t swa_snapshots = 0;
  double train_ms = 0;
  int64_t tokens = 0;  ///< trained on so far
  std::optional<double> mfu = {};
};
Json to_json(const StepRecord& record);
Json validation_record(int64_t step, const EvalResult& result, double train_ms);

/// eval.json, in the form of golf-eval's own result ("golf.eval/1"): the final weights and, under
/// "roundtrip", what the artifact gives back.
Json evaluation_record(const TrainConfig& config, const TrainReport& report,
                       const RunEnvironment& environment);
/// submission.json as the challenge asks for it; author and github_id are left for people to fill in.
/// @param date  "2026-03-18"
Json submission_record(const TrainConfig& config, const TrainReport& report,
                       const RunEnvironment& environment, const std::string& date);

}  // namespace golf
