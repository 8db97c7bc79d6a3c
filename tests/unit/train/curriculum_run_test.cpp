// Runs whose model and data change on the way: depth recurrence that begins late, documents that grow.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "golf/artifact/spec/model_presets.h"
#include "unit/train/rank_threads.h"
#include "unit/train/tiny_run.h"

namespace golf {
namespace {

using test::TinyRun;

/// Documents that grow from 4 to 8 tokens after three steps of ten; the middle block runs three times after
/// four.
TinyRun changing_run() {
  TinyRun run;
  run.config.model.features.set("depth_recurrence", {{"first_block", 1}, {"last_block", 1}, {"loops", 2}});
  run.config.model.features.set("gated_skips");
  run.config.data.order = DataOrder::kDocuments;
  run.config.data.batch_tokens = 88;  // no multiple of the length
  run.config.data.grad_accum_steps = 4;
  run.config.curriculum = {
      .recurrence_start = 0.4, .seq_lens = "4@0.2,8@1", .rewarm_steps = 2, .skipped_batches = 2};
  run.config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  run.config.weights.ema.decay = 0.9;
  return run;
}

TEST(CurriculumRun, ChangesAtItsShares) {
  const TinyRun run = changing_run();
  Trainer trainer = run.trainer();
  EXPECT_EQ(trainer.model()->plan().calls.size(), 3U);
  for (int64_t step = 0; step < 10; ++step) {
    const StepResult result = trainer.step(0);
    EXPECT_EQ(result.recurrence, step >= 4) << step;
    EXPECT_EQ(result.recurrence_started, step == 4) << step;
    EXPECT_EQ(trainer.model()->plan().calls.size(), step >= 4 ? 5U : 3U) << step;
    EXPECT_EQ(result.seq_len, step >= 3 ? 8 : 4) << step;
    EXPECT_EQ(result.seq_len_changed, step == 3) << step;
    const double warmdown = step >= 7 ? static_cast<double>(10 - step) / 4 : 1.0;
    EXPECT_DOUBLE_EQ(result.lr_multiplier, step == 3 ? 0.5 : warmdown) << step;
  }
}

TEST(CurriculumRun, PassesOverMicroBatchesWhenTheLengthChanges) {
  const TinyRun run = changing_run();
  Trainer trainer = run.trainer();
  const auto offset = [&] { return trainer.capture().data.offset; };
  for (int i = 0; i < 3; ++i) trainer.step(0);
  const uint64_t before = offset();
  trainer.step(0);
  EXPECT_EQ(offset() - before, 6U * 23);
  const uint64_t after = offset();
  trainer.step(0);
  EXPECT_EQ(offset() - after, 4U * 23);
}

TEST(CurriculumRun, WarmUpTakesBothPlansAndLeavesNoTrace) {
  const TinyRun run = changing_run();
  Trainer fresh = run.trainer(), warm = run.trainer();
  std::vector<std::pair<int64_t, size_t>> heard;
  warm.warm_up(2, [&](int64_t step, bool looped) {
    heard.emplace_back(step, warm.model()->plan().calls.size());
    EXPECT_EQ(looped, heard.size() > 2);
  });
  EXPECT_EQ(heard, (std::vector<std::pair<int64_t, size_t>>{{1, 3}, {2, 3}, {1, 5}, {2, 5}}));
  EXPECT_EQ(warm.model()->plan().calls.size(), 3U);
  EXPECT_EQ(warm.capture().data, fresh.capture().data);
  EXPECT_EQ(warm.capture().curriculum, fresh.capture().curriculum);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(at::equal(fresh.step(0).loss, warm.step(0).loss)) << i;
}

TEST(CurriculumRun, ContinuesToTheBitFromEveryStep) {
  const TinyRun run = changing_run();
  std::vector<torch::Tensor> losses;
  std::vector<TrainerState> states;
  Trainer whole = run.trainer();
  for (int i = 0; i < 10; ++i) {
    states.push_back(whole.capture());
    losses.push_back(whole.step(0).loss);
  }
  for (size_t cut = 1; cut < states.size(); cut += 2) {
    Trainer resumed = run.trainer();
    resumed.restore(states[cut]);
    for (size_t i = cut; i < losses.size(); ++i) {
      EXPECT_TRUE(at::equal(resumed.step(0).loss, losses[i])) << cut << ", step " << i;
    }
  }
}

TEST(CurriculumRun, RanksTakeTheStepsOfOneProcess) {
  TinyRun run = changing_run();
  run.config.curriculum.skipped_batches = 0;  // each rank's own, so other tokens for each number of ranks
  std::vector<double> alone;
  Trainer one = run.trainer();
  for (int i = 0; i < 10; ++i) alone.push_back(one.step(0).loss.item<double>());
  for (const int64_t world : {2, 4}) {
    test::run_ranks(world, [&](const Communicator& ranks) {
      Trainer trainer = run.trainer(ranks);
      for (size_t i = 0; i < alone.size(); ++i) {
        const double loss = trainer.step(0).loss.item<double>();
        EXPECT_NEAR(loss, alone[i], 1e-5 * alone[i]) << world << " ranks, step " << i;
      }
    });
  }
}

/// Twelve steps of PR 1855's tiny model with its order of tokens and recurrence from 0.35 of them on.
TinyRun pr1855_tiny_run() {
  // One shard for all steps: at its end two ranks pass over other tokens than one does.
  TinyRun run(/*shard_tokens=*/5'000);
  run.config.model = find_model_preset("pr1855-tiny").value().model;
  run.config.data = {
      .order = DataOrder::kDocuments, .seq_len = 32, .batch_tokens = 256, .grad_accum_steps = 4};
  run.config.schedule.iterations = 12;
  run.config.curriculum.recurrence_start = 0.35;
  run.config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  run.config.optimizer.tied_embed_lr = 0.03;
  run.config.optimizer.matrix_lr = 0.026;
  run.config.optimizer.scalar_lr = 0.02;
  run.config.optimizer.grad_clip_norm = 0.3;
  run.config.weights.ema.decay = 0.98;
  return run;
}

TEST(CurriculumRun, TwoRanksTakeTheStepsOfOneProcessWithPr1855Tiny) {
  const TinyRun run = pr1855_tiny_run();
  std::vector<double> alone;
  Trainer one = run.trainer();
  for (int i = 0; i < 12; ++i) alone.push_back(one.step(0).loss.item<double>());
  double worst = 0;
  test::run_ranks(2, [&](const Communicator& ranks) {
    Trainer trainer = run.trainer(ranks);
    for (const double expected : alone) {
      const double loss = trainer.step(0).loss.item<double>();
      if (ranks.first()) worst = std::max(worst, std::abs(loss - expected));
    }
  });
  std::printf("two ranks: losses within %.1e of one process's\n", worst);
  EXPECT_LT(worst, 1e-5);
}

TEST(CurriculumRun, AttentionStaysInsideDocuments) {
  // In the third step, when attention's projections are no longer zero. The shard's first token is 0, and no
  // other of the first three batches is.
  const auto third_loss = [](DataOrder order, int64_t seq_len) {
    TinyRun run;
    run.config.data = {
        .order = order, .bos_id = 0, .seq_len = seq_len, .batch_tokens = 8, .grad_accum_steps = 1};
    Trainer trainer = run.trainer();
    trainer.step(0);
    trainer.step(0);
    return trainer.step(0).loss.item<double>();
  };
  const double whole = third_loss(DataOrder::kDocuments, 8), cut = third_loss(DataOrder::kDocuments, 4);
  EXPECT_EQ(third_loss(DataOrder::kStream, 8), whole);
  EXPECT_GT(std::abs(whole - cut), 1e-4);
}

TEST(CurriculumRun, ShuffledRowsAreTrainedOn) {
  TinyRun run;
  run.config.data.order = DataOrder::kShuffled;
  Trainer first = run.trainer(), second = run.trainer();
  const double begin = first.step(0).loss.item<double>();
  first.step(0);
  const TrainerState state = first.capture();
  EXPECT_EQ(state.data, (DataPosition{.shard = 0, .offset = 4}));
  second.restore(state);
  double last = 0;
  for (int i = 0; i < 8; ++i) {
    const torch::Tensor loss = first.step(0).loss;
    EXPECT_TRUE(at::equal(loss, second.step(0).loss)) << i;
    last = loss.item<double>();
  }
  EXPECT_LT(last, begin - 0.5);
}

}  // namespace
}  // namespace golf
