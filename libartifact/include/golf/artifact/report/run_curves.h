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
  std::string settings;  ///< the configuration without its seed: runs that agree in it are seeds of one
  std::optional<Json> submission;  ///< of a finished run

  /// val_bpb of the last validation over its val_loss; nothing before the first one.
  std::optional<double> bpb_per_nat() const;
  /// The last recorded step at or before `step`: its tokens and time are those of a validation after it.
  /// Zeros when there is none.
  StepPoint step_at(int64_t step) const;
};

/// Whether a folder has what golf-train writes into it.
bool is_run_folder(const std::string& folder);

/// Reads metrics.jsonl and, when it is there, submission.json of a run folder. A last line that is being
/// written is passed over.
/// @throws Error kCorruptData naming file and line; kInvalidArgument when the folder holds no run
RunCurves read_run(const std::string& folder);

/// The runs' paths without the folders that all of them share: as short as tells them apart.
std::vector<std::string> short_labels(const std::vector<RunCurves>& runs);

/// The training loss averaged into at most `most` points: what a picture of that width can show.
struct CurvePoint {
  double step = 0, tokens = 0, train_ms = 0, loss = 0;
};
std::vector<CurvePoint> averaged_loss(const RunCurves& run, size_t most);

}  // namespace golf
