// The records' training with their own order of tokens and their loops, against what their own programs
// recorded: loss, gradient norm, rates, the step at which the loops start, the weights' norms at the end and
// those of their average.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

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
  /// Where the run is too long for its average to be held to the recorded one by a fixed number: held to how
  /// far the last bit of the initial weights moves it.
  bool as_its_last_bit_moves_it = false;
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

/// L2 norms by name, of the matrices and of the banks that they make.
std::map<std::string, double> norms_of(const Decoder& model) {
  const TensorSet tensors = to_tensor_set(model);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  std::map<std::string, double> norms;
  for (const TensorSet& set : {tensors, join_banks(tensors, banks_by_order(names))}) {
    for (const auto& [name, tensor] : set) {
      norms[name] = to_torch(tensor).to(torch::kDouble).norm().item<double>();
    }
  }
  return norms;
}

/// Relative to the norms that either of two keys holds: {"NAME": L2 norm, …}.
double largest_norm_difference_of(const std::map<std::string, double>& norms, const Json& file,
                                  const char* one, const char* other) {
  double worst = 0;
  const Json* recorded = file.find(one);
  for (const auto& [name, expected] : (recorded != nullptr ? *recorded : file.at(other)).as_object()) {
    worst = std::max(worst, std::abs(norms.at(name) / expected.as_double() - 1));
  }
  return worst;
}

/// A run as its program began it. @param nudged  about half of the weights that are not 0 one float32 up
Trainer begin(const RecordedRun& run, const Json& file, bool nudged = false) {
  const std::string system = run.system;
  TrainConfig config = test::train_preset(system + "-tiny");
  config.schedule.iterations = file.at("iterations").as_int();
  config.optimizer.muon.ns_dtype = config.optimizer.muon.momentum_dtype = IterationDType::kFloat32;
  Decoder model(config.model);
  load_tensors(model, initial_weights(system));
  if (nudged) {
    const at::NoGradGuard no_grad;
    for (const torch::Tensor& weight : model->parameters()) {
      const torch::Tensor odd = at::arange(weight.numel()).view(weight.sizes()).remainder(2).ne(0);
      const torch::Tensor up = at::nextafter(weight, at::full_like(weight, INFINITY));
      torch::Tensor(weight).copy_(at::where(odd.logical_and(weight.ne(0)), up, weight));
    }
  }
  return {
      config, model,
      make_batch_loader(config.data, find_shards(test::reference_data() + "/" + run.text, kTrainingShards),
                        config.model.vocab_size)};
}

class RecordsTrajectory : public testing::TestWithParam<RecordedRun> {};

TEST_P(RecordsTrajectory, FollowsTheEntrysOwnProgram) {
  GOLF_NEED_REFERENCE_DATA();
  at::set_num_threads(1);
  const RecordedRun& run = GetParam();
  const Json file = read_json_file(test::reference_data() + "/" + run.system + "/" + run.file);
  Trainer trainer = begin(run, file);
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
  const double last = largest_norm_difference_of(norms_of(trainer.model()), file, "raw_weight_norms_at_end",
                                                 "live_norms_after_last_step");
  EXPECT_EQ(trainer.load_final_weights(), FinalWeights::kEma);
  const std::map<std::string, double> average = norms_of(trainer.model());
  const double averaged =
      largest_norm_difference_of(average, file, "ema_weight_norms_at_end", "ema_norms_after_last_step");
  std::printf("%s: norms of the last weights within %.1e, of their average %.1e\n", run.system, last,
              averaged);
  EXPECT_LT(last, run.last_norms);
  if (!run.as_its_last_bit_moves_it) {
    EXPECT_LT(averaged, run.averaged_norms);
    return;
  }
  Trainer other = begin(run, file, /*nudged=*/true);
  for (int64_t i = 0; i < run.steps; ++i) other.step(0);
  other.load_final_weights();
  double moved = 0;
  for (const auto& [name, norm] : norms_of(other.model())) {
    moved = std::max(moved, std::abs(norm / average.at(name) - 1));
  }
  std::printf("%s: one float32 up in half of the initial weights moves the average's norms by %.1e\n",
              run.system, moved);
  EXPECT_LT(averaged, 2 * moved);
  EXPECT_LT(averaged, 2e-4);
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
                                         RecordedRun{"pr1855", "trajectory_20.json", "fineweb_caseops", 20},
                                         // 6.0e-5 off at the norm of smear_gate.weight. That is the
                                         // sensitivity of 100 steps in float32, not a rule of the average:
                                         // the last bit of the initial weights moves its norms by 1.1e-4.
                                         RecordedRun{.system = "pr2135",
                                                     .file = "trajectory.json",
                                                     .text = "fineweb_caseops",
                                                     .steps = 100,
                                                     .as_its_last_bit_moves_it = true}),
                         run_name);

}  // namespace
}  // namespace golf
