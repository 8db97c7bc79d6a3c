#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

/// One training step as golf-train recorded it.
struct StepPoint {
  int64_t step = 0;
  double train_loss = 0;  ///< nats a token
  double lr_multiplier = 0;
  double train_ms = 0;  ///< since the start, validation excluded
  int64_t tokens = 0;   ///< since the start
};

struct ValidationPoint {
  int64_t step = 0;
  double val_loss = 0;  ///< nats a token
  double val_bpb = 0;
};

/// What a run folder of golf-train tells about the run, finished or not.
struct RunCurves {
  std::string path;
  std::string name;              ///< of the configuration
  std::vector<StepPoint> steps;  ///< in ascending order
  std::vector<ValidationPoint> validations;
  int64_t planned_steps = 0;  ///< 0: not known
  int64_t parameters = 0;
  std::optional<Json> submission;  ///< of a finished run
};

/// Reads metrics.jsonl and, when it is there, submission.json of a run folder. A last line that is being
/// written is passed over.
/// @throws Error kCorruptData naming file and line; kInvalidArgument when the folder holds no run
RunCurves read_run(const std::string& folder);

/// The training loss averaged into at most `most` points: what a picture of that width can show.
struct CurvePoint {
  double step = 0, loss = 0;
};
std::vector<CurvePoint> averaged_loss(const RunCurves& run, size_t most);

}  // namespace golf
