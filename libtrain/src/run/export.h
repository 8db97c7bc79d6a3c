#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/model/decoder.h"
#include "golf/train/run/train.h"
#include "run/run_inputs.h"

namespace golf {

/// Files that an export writes.
struct ExportPaths {
  std::string weights, artifact;
  std::string calibration;  ///< with export.calibration_batches
};

/// Writes the model's weights, their calibration and their artifact, and enters the artifact into the report;
/// then the model holds what the artifact gives back. golf-pack makes the same artifact of the other two
/// files. @return the log's lines about calibration and sizes
std::vector<std::string> export_weights(const RunInputs& inputs, const ExportPaths& paths, Decoder& model,
                                        TrainReport& report);

/// The size of the artifact that the weights after a step would give.
struct ProjectedSize {
  int64_t step = 0;
  BudgetReport budget = {};
};
/// A line of metrics.jsonl, "kind": "size".
Json to_json(const ProjectedSize& size);

/// Packs copies of the weights beside the training, on one thread, to tell early how large the artifact will
/// be. It packs the live weights, not their averages (EMA, SWA), which compress to nearly the same size.
class SizeProjection {
 public:
  /// Borrows the inputs.
  explicit SizeProjection(const RunInputs& inputs) : inputs_(inputs) {}

  /// Starts to pack the weights as they are now, unless the last packing still runs. Training waits for the
  /// copy alone.
  void start(int64_t step, const Decoder& model);
  /// The result of a packing that has ended since the last call. @throws what the packing threw
  std::optional<ProjectedSize> take();
  /// The same, but it waits for a packing that still runs.
  std::optional<ProjectedSize> wait();

 private:
  const RunInputs& inputs_;
  std::future<ProjectedSize> running_;
};

}  // namespace golf
