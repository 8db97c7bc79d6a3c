#pragma once

#include <cstdint>
#include <future>
#include <optional>

#include "golf/artifact/base/json.h"
#include "golf/model/decoder.h"
#include "golf/train/run/train.h"
#include "run/run_inputs.h"

namespace golf {

/// What the weights after a step weigh when they are packed as the run's end will pack them.
struct ProjectedSize {
  int64_t step = 0;
  BudgetReport budget = {};
};
/// A line of metrics.jsonl, "kind": "size".
Json to_json(const ProjectedSize& size);

/// Packs copies of the weights beside the training, on one thread, to tell early what the artifact will
/// weigh. Averages of weights (EMA, SWA) are not asked: the live weights weigh nearly the same.
class SizeProjection {
 public:
  /// Borrows everything.
  SizeProjection(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs)
      : config_(config), job_(job), inputs_(inputs) {}

  /// Begins with the weights as they are now, unless the last packing is still under way: training does not
  /// wait for it, only for the copy.
  void start(int64_t step, const Decoder& model);
  /// The packing that has come to its end since the last call. @throws what the packing threw
  std::optional<ProjectedSize> take();
  /// The same, waiting for a packing that is under way.
  std::optional<ProjectedSize> wait();

 private:
  const TrainConfig& config_;
  const TrainJob& job_;
  const RunInputs& inputs_;
  std::future<ProjectedSize> running_;
};

}  // namespace golf
