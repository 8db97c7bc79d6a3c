// One step among several ranks against the same step of one. Ranks are threads here.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "unit/train/rank_threads.h"
#include "unit/train/tiny_run.h"

namespace golf {
namespace {

using test::TinyRun;

struct Outcome {
  std::vector<double> losses, norms;
  std::map<std::string, torch::Tensor> weights;
};

Outcome take_steps(Trainer trainer, int steps) {
  Outcome outcome;
  trainer.warm_up(1);
  for (int i = 0; i < steps; ++i) {
    const StepResult result = trainer.step(0);
    outcome.losses.push_back(result.loss.item<double>());
    outcome.norms.push_back(result.grad_norm.item<double>());
  }
  for (const auto& item : trainer.model()->named_parameters()) {
    outcome.weights[item.key()] = item.value().detach().clone();
  }
  return outcome;
}

std::vector<Outcome> take_steps_among(const TinyRun& run, int64_t world, int steps) {
  std::vector<Outcome> outcomes(static_cast<size_t>(world));
  test::run_ranks(world, [&](const Communicator& ranks) {
    outcomes[static_cast<size_t>(ranks.ranks().rank)] = take_steps(run.trainer(ranks), steps);
  });
  return outcomes;
}

/// Eight gradient accumulation steps, and Newton-Schulz in float32, so that rounding stays rounding.
TinyRun eight_accumulated_passes() {
  TinyRun run;
  run.config.data.grad_accum_steps = 8;
  run.config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  run.config.optimizer.muon.weight_decay = 0.04;
  run.config.optimizer.grad_clip_norm = 0.5;
  return run;
}

void expect_the_steps_of_one_process(const TinyRun& run) {
  const Outcome alone = take_steps(run.trainer(), 5);
  for (const int64_t world : {2, 4, 8}) {  // three layers: of some shapes there are fewer matrices than ranks
    const std::vector<Outcome> outcomes = take_steps_among(run, world, 5);
    for (size_t i = 0; i < alone.losses.size(); ++i) {
      EXPECT_NEAR(outcomes[0].losses[i], alone.losses[i], 1e-5 * alone.losses[i]) << world << " ranks";
      EXPECT_NEAR(outcomes[0].norms[i], alone.norms[i], 1e-4 * alone.norms[i]) << world << " ranks";
    }
    for (const auto& [name, weight] : alone.weights) {
      const double off = (outcomes[0].weights.at(name) - weight).norm().item<double>();
      EXPECT_LT(off, 1e-4 * weight.norm().item<double>() + 1e-6) << name << ", " << world << " ranks";
    }
  }
}

TEST(Ranks, TakeTheStepsOfOneProcess) { expect_the_steps_of_one_process(eight_accumulated_passes()); }

TEST(Ranks, TakeTheStepsOfOneProcessWithTheRecordsOptimizer) {
  TinyRun run = eight_accumulated_passes();
  OptimizerConfig& optimizer = run.config.optimizer;
  optimizer.muon.row_normalize = true;
  optimizer.muon.ns_coefficients = NewtonSchulz::kPolarExpress;
  optimizer.muon.decay_taper = {.start_fraction = 0.1, .final_scale = 0.2};
  optimizer.groups.embedding = {.weight_decay = 0.1};
  optimizer.grad_norm_dtype = NormDType::kFloat64;
  run.config.schedule.warmdown_iters = 0;
  run.config.schedule.warmdown_fraction = 0.9;
  run.config.schedule.min_lr = 0.1;
  expect_the_steps_of_one_process(run);
}

TEST(Ranks, EndEachStepWithTheSameWeightsToTheBit) {
  const std::vector<Outcome> outcomes = take_steps_among(eight_accumulated_passes(), 2, 3);
  EXPECT_EQ(outcomes[0].losses, outcomes[1].losses);
  for (const auto& [name, weight] : outcomes[0].weights) {
    EXPECT_TRUE(at::equal(weight, outcomes[1].weights.at(name))) << name;
  }
}

TEST(Ranks, RepeatARunToTheBit) {
  const TinyRun run = eight_accumulated_passes();
  const std::vector<Outcome> first = take_steps_among(run, 4, 3), second = take_steps_among(run, 4, 3);
  EXPECT_EQ(first[0].losses, second[0].losses);
  for (const auto& [name, weight] : first[0].weights) {
    EXPECT_TRUE(at::equal(weight, second[0].weights.at(name))) << name;
  }
}

TEST(Ranks, CaptureAStateThatAnyNumberOfRanksHasToTheBit) {
  TinyRun run = eight_accumulated_passes();
  run.config.optimizer.muon.momentum_dtype = IterationDType::kBFloat16;
  run.config.weights.ema.decay = 0.9;
  std::mutex mutex;
  std::vector<TrainerState> states;
  const auto keep = [&](const TrainerState& state) {
    const std::lock_guard lock(mutex);
    states.push_back(state);
  };
  test::run_ranks(2, [&](const Communicator& ranks) {
    Trainer trainer = run.trainer(ranks);
    trainer.step(0);
    trainer.step(0);
    keep(trainer.capture());
  });
  const TrainerState first = states.front();
  for (const int64_t world : {1, 2, 4}) {
    test::run_ranks(world, [&](const Communicator& ranks) {
      Trainer trainer = run.trainer(ranks);
      trainer.restore(first);
      trainer.warm_up(1);
      keep(trainer.capture());
    });
  }
  ASSERT_EQ(states.size(), 2U + 1 + 2 + 4);
  for (const TrainerState& state : states) {
    EXPECT_EQ(state.data, first.data);
    ASSERT_EQ(state.tensors.size(), first.tensors.size());
    for (size_t i = 0; i < first.tensors.size(); ++i) {
      EXPECT_EQ(state.tensors[i].name, first.tensors[i].name);
      EXPECT_TRUE(at::equal(state.tensors[i].tensor, first.tensors[i].tensor)) << first.tensors[i].name;
    }
  }
}

TEST(Ranks, ClippingOwnGradientsFirstIsAnotherRun) {
  TinyRun run = eight_accumulated_passes();
  const double averaged_first = take_steps_among(run, 2, 2)[0].norms[0];
  run.config.optimizer.clip_each_rank = true;
  const std::vector<Outcome> outcomes = take_steps_among(run, 2, 2);
  // Averaging cancels part of what the ranks disagree about, so a rank's own norm is larger.
  EXPECT_GT(outcomes[0].norms[0], averaged_first);
  for (const auto& [name, weight] : outcomes[0].weights) {
    EXPECT_TRUE(at::equal(weight, outcomes[1].weights.at(name))) << name;
  }
}

}  // namespace
}  // namespace golf
