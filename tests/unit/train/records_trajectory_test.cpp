// The records' training with their own order of tokens and their loops, against what their own programs
// recorded: loss, gradient norm, rates, the step at which the loops start, the weights' norms at the end and
// those of their average.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/trainer/trainer.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

struct RecordedRun {
  const char* system;  ///< folder of the reference data; its tiny preset is trained
  const char* file;
  const char* text;  ///< folder of the shards
  int64_t steps;     ///< of it that are taken
  /// Largest relative differences of the losses: of the first three, to the eighth, and of all. Changing the
  /// initial weights by 1e-6 moves them by as much as the last two.
  double first = 1e-6, early = 1e-5, later = 1e-3;
  double last_norms = 1e-3,
         averaged_norms = 2e-5;  ///< of each tensor, relative, after the last recorded step
};
void PrintTo(const RecordedRun& run, std::ostream* out) { *out << run.system; }

/// The program's initial weights. PR 2135 starts as PR 1855, with softcaps of its own.
TensorSet initial_weights(const std::string& system) {
  TensorSet tensors =
      split_banks(test::reference_tensors((system == "pr2135" ? "pr1855" : system) + "/init.safetensors"));
  if (system == "pr2135") {
    for (const char* name : {"softcap_pos", "softcap_neg"}) {
      tensors.add(name, from_torch(at::full({}, 30.0, torch::kFloat)));
    }
  }
  return tensors;
}

/// Of the norms that either of two keys holds: {"NAME": L2 norm, …}.
double largest_norm_difference_of(const Decoder& model, const Json& file, const char* one,
                                  const char* other) {
  const TensorSet tensors = to_tensor_set(model);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  const TensorSet banked = join_banks(tensors, banks_by_order(names));
  double worst = 0;
  const Json* recorded = file.find(one);
  for (const auto& [name, expected] : (recorded != nullptr ? *recorded : file.at(other)).as_object()) {
    const Tensor& tensor = tensors.contains(name) ? tensors.at(name) : banked.at(name);
    const double norm = to_torch(tensor).to(torch::kDouble).norm().item<double>();
    worst = std::max(worst, std::abs(norm / expected.as_double() - 1));
  }
  return worst;
}

class RecordsTrajectory : public testing::TestWithParam<RecordedRun> {};

TEST_P(RecordsTrajectory, FollowsTheEntrysOwnProgram) {
  GOLF_NEED_REFERENCE_DATA();
  at::set_num_threads(1);
  const RecordedRun& run = GetParam();
  const std::string system = run.system;
  const Json file = read_json_file(test::reference_data() + "/" + system + "/" + run.file);
  TrainConfig config = test::train_preset(system + "-tiny");
  config.schedule.iterations = file.at("iterations").as_int();
  config.optimizer.muon.ns_dtype = config.optimizer.muon.momentum_dtype = IterationDType::kFloat32;

  Decoder model(config.model);
  load_tensors(model, initial_weights(system));
  Trainer trainer(
      config, model,
      make_batch_loader(config.data, find_shards(test::reference_data() + "/" + run.text, kTrainingShards),
                        config.model.vocab_size));
  double first = 0, early = 0, later = 0, norms = 0;
  for (int64_t i = 0; i < run.steps; ++i) {
    const Json& expected = file.at("steps").as_array()[static_cast<size_t>(i)];
    const StepResult result = trainer.step(0);
    const double off = std::abs(result.loss.item<double>() / expected.at("loss").as_double() - 1);
    double& worst = i < 3 ? first : i < 8 ? early : later;
    worst = std::max(worst, off);
    if (i < 3) {
      const double norm = expected.at("grad_norm_before_clip").as_double();
      norms = std::max(norms, std::abs(result.grad_norm.item<double>() / norm - 1));
    }
    const Json* looping = expected.find("looping_active");
    EXPECT_EQ(result.recurrence, (looping == nullptr ? expected.at("looping") : *looping).as_bool()) << i;
    EXPECT_NEAR(result.lr_multiplier, expected.at("lr_multiplier").as_double(), 1e-9) << i;
    if (const Json* momentum = expected.find("muon_momentum")) {
      EXPECT_NEAR(result.muon_momentum, momentum->as_double(), 1e-9) << i;
    }
  }
  std::printf("%s: losses within %.1e in steps 1-3, %.1e to step 8, %.1e to step %d, first norms %.1e\n",
              run.system, first, early, later, static_cast<int>(run.steps), norms);
  EXPECT_LT(first, run.first);
  EXPECT_LT(early, run.early);
  EXPECT_LT(later, run.later);
  EXPECT_LT(norms, 5e-4);

  if (run.steps < static_cast<int64_t>(file.at("steps").as_array().size())) return;
  const double last =
      largest_norm_difference_of(model, file, "raw_weight_norms_at_end", "live_norms_after_last_step");
  EXPECT_EQ(trainer.load_final_weights(), FinalWeights::kEma);
  const double averaged =
      largest_norm_difference_of(model, file, "ema_weight_norms_at_end", "ema_norms_after_last_step");
  std::printf("%s: norms of the last weights within %.1e, of their average %.1e\n", run.system, last,
              averaged);
  EXPECT_LT(last, run.last_norms);
  EXPECT_LT(averaged, run.averaged_norms);
}

std::string run_name(const testing::TestParamInfo<RecordedRun>& info) { return info.param.system; }

INSTANTIATE_TEST_SUITE_P(April, RecordsTrajectory,
                         testing::Values(RecordedRun{"pr1394", "trajectory_long.json", "fineweb8192", 62},
                                         RecordedRun{"pr1493", "trajectory.json", "fineweb8192", 24}),
                         run_name);
INSTANTIATE_TEST_SUITE_P(May, RecordsTrajectory,
                         testing::Values(RecordedRun{"pr1855", "trajectory_20.json", "fineweb_caseops", 10},
                                         RecordedRun{"pr2135", "trajectory.json", "fineweb_caseops", 8}),
                         run_name);

// Whole recordings, for their averages; labelled "long".
INSTANTIATE_TEST_SUITE_P(LongRuns, RecordsTrajectory,
                         testing::Values(RecordedRun{"pr1394", "trajectory_long.json", "fineweb8192", 120},
                                         RecordedRun{"pr1493", "trajectory.json", "fineweb8192", 60},
                                         RecordedRun{"pr1855", "trajectory_20.json", "fineweb_caseops", 20}),
                         run_name);

}  // namespace
}  // namespace golf
