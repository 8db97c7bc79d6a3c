#include "golf/train/trainer/trainer.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"
#include "unit/train/tiny_run.h"

namespace golf {
namespace {

using test::TinyRun;

void expect_same(const TrainerState& a, const TrainerState& b) {
  EXPECT_EQ(a.finished_steps, b.finished_steps);
  EXPECT_EQ(a.data, b.data);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].name, b.tensors[i].name);
    EXPECT_TRUE(at::equal(a.tensors[i].tensor, b.tensors[i].tensor)) << a.tensors[i].name;
  }
}

TEST(Trainer, Learns) {
  const TinyRun run;
  Trainer trainer = run.trainer();
  const double first = trainer.step(0).loss.item<double>();
  double last = 0;
  for (int i = 0; i < 9; ++i) last = trainer.step(0).loss.item<double>();
  EXPECT_NEAR(first, std::log(32.0), 0.1);  // a fresh model knows nothing
  EXPECT_LT(last, first - 0.5);
}

TEST(Trainer, TwoRunsAreEqualToTheBit) {
  const TinyRun run;
  Trainer first = run.trainer(), second = run.trainer();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(at::equal(first.step(0).loss, second.step(0).loss));
  expect_same(first.capture(), second.capture());
}

TEST(Trainer, WarmUpLeavesNoTrace) {
  const TinyRun run;
  Trainer fresh = run.trainer(), warm = run.trainer();
  std::vector<std::pair<int64_t, bool>> heard;
  warm.warm_up(3, [&](int64_t step, bool looped) { heard.emplace_back(step, looped); });
  EXPECT_EQ(heard, (std::vector<std::pair<int64_t, bool>>{{1, false}, {2, false}, {3, false}}));
  expect_same(fresh.capture(), warm.capture());
  EXPECT_TRUE(at::equal(fresh.step(0).loss, warm.step(0).loss));
  expect_same(fresh.capture(), warm.capture());
}

TEST(Trainer, ContinuesFromACapturedState) {
  const TinyRun run;
  Trainer first = run.trainer();
  for (int i = 0; i < 3; ++i) first.step(0);
  const TrainerState state = first.capture();
  Trainer second = run.trainer();
  second.restore(state);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(first.step(0).loss, second.step(0).loss));
  expect_same(first.capture(), second.capture());
}

TEST(Trainer, RefusesTheStateOfAnotherModel) {
  TinyRun small, large;
  large.config.model.num_layers = 4;
  Trainer trainer = small.trainer();
  EXPECT_GOLF_ERROR(trainer.restore(large.trainer().capture()), ErrorCode::kMismatch, "does not fit");
}

TEST(Trainer, ReportsRatesAndNormBeforeClipping) {
  TinyRun run;
  Trainer free = run.trainer();
  run.config.optimizer.grad_clip_norm = 1e-3;
  Trainer clipped = run.trainer();
  const StepResult a = free.step(0), b = clipped.step(0);
  EXPECT_EQ(a.step, 1);
  EXPECT_EQ(a.lr_multiplier, 1.0);
  EXPECT_EQ(a.muon_momentum, 0.85);
  EXPECT_EQ(a.grad_norm.item<float>(), b.grad_norm.item<float>());
  EXPECT_GT(a.grad_norm.item<float>(), 1e-3F);
  EXPECT_EQ(free.group_lrs(0.5), (std::vector<double>{0.025, 0.02, 0.02}));
}

TEST(Trainer, AccumulatesTheMeanOverMicroSteps) {
  // The same tokens in one pass or two: spans are contiguous but for one token, so compare the loss of
  // a run of two passes with the mean of the two halves.
  TinyRun run;
  run.config.optimizer.matrix_lr = run.config.optimizer.tied_embed_lr = run.config.optimizer.scalar_lr = 0;
  const double both = run.trainer().step(0).loss.item<double>();
  run.config.data.batch_tokens = 32;
  run.config.data.grad_accum_steps = 1;
  Trainer halves = run.trainer();
  const double first = halves.step(0).loss.item<double>();
  const double second = halves.step(0).loss.item<double>();
  EXPECT_NEAR(both, (first + second) / 2, 1e-6);
}

TEST(Trainer, PartsOfSeveralEntriesContinueTogetherFromACapturedState) {
  const TinyRun run = TinyRun::mixed();
  Trainer first = run.trainer(), second = run.trainer();
  second.warm_up(2);
  expect_same(first.capture(), second.capture());
  std::vector<int64_t> snapshots;
  for (int64_t step = 1; step <= 5; ++step) {
    const StepResult result = first.step(0);
    EXPECT_EQ(result.qat, step > 3) << step;
    EXPECT_EQ(result.qat_started, step == 4) << step;
    if (result.swa_snapshot) snapshots.push_back(step);
  }
  EXPECT_EQ(snapshots, (std::vector<int64_t>{2, 4}));
  second.restore(first.capture());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(first.step(0).loss, second.step(0).loss));
  expect_same(first.capture(), second.capture());
  EXPECT_EQ(second.swa_snapshots(), 4);
}

TEST(Trainer, ExportsTheWeightsAskedFor) {
  TinyRun run = TinyRun::mixed();
  const auto exported = [&](FinalWeights which) {
    run.config.weights.final_ = which;
    Trainer trainer = run.trainer();
    for (int i = 0; i < 6; ++i) trainer.step(0);
    EXPECT_EQ(trainer.load_final_weights(), which == FinalWeights::kAuto ? FinalWeights::kEma : which);
    return trainer.model()->named_parameters()["tok_emb.weight"].detach().clone();
  };
  const torch::Tensor live = exported(FinalWeights::kLive), ema = exported(FinalWeights::kEma),
                      swa = exported(FinalWeights::kSwa);
  EXPECT_TRUE(at::equal(exported(FinalWeights::kAuto), ema));
  EXPECT_FALSE(at::equal(live, ema));
  EXPECT_FALSE(at::equal(live, swa));
  EXPECT_FALSE(at::equal(ema, swa));
}

}  // namespace
}  // namespace golf
