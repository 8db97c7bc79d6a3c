#include "golf/train/optim/schedule.h"

#include <gtest/gtest.h>

#include "golf/train/objective/objective_config.h"

namespace golf {
namespace {

TEST(LrMultiplier, WarmsDownOverTheLastIterations) {
  const ScheduleConfig config{.iterations = 60, .warmdown_iters = 20, .max_wallclock_seconds = 0};
  EXPECT_EQ(lr_multiplier(config, 0, 0), 1.0);
  EXPECT_EQ(lr_multiplier(config, 40, 0), 1.0);  // the first warmdown step is still whole
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 41, 0), 0.95);
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 59, 0), 0.05);
  EXPECT_EQ(lr_multiplier(config, 60, 0), 0.0);
  EXPECT_EQ(lr_multiplier(config, 61, 0), 0.0);
  EXPECT_EQ(lr_multiplier({.iterations = 60, .warmdown_iters = 0, .max_wallclock_seconds = 0}, 59, 0), 1.0);
}

TEST(LrMultiplier, FollowsTheClockWhenThereIsACap) {
  const ScheduleConfig config{.iterations = 5, .warmdown_iters = 20, .max_wallclock_seconds = 10};
  EXPECT_EQ(lr_multiplier(config, 0, 0), 1.0);       // no time has passed: warmdown takes none
  EXPECT_EQ(lr_multiplier(config, 50, 5'000), 1.0);  // 100 ms a step, warmdown 2 s, 5 s left
  EXPECT_EQ(lr_multiplier(config, 80, 8'000), 1.0);  // exactly 2 s left
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 90, 9'000), 0.5);
  EXPECT_EQ(lr_multiplier(config, 110, 11'000), 0.0);             // over the cap
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 1, 4'000), 6.0 / 80.0);  // a slow start is in the warmdown at once
}

TEST(RunProgress, CountsTheTimeWhenThatIsCappedElseTheIterations) {
  ScheduleConfig config{.iterations = 50, .max_wallclock_seconds = 0};
  EXPECT_EQ(run_progress(config, 0, 9e9), 0.0);
  EXPECT_DOUBLE_EQ(run_progress(config, 20, 0), 0.4);
  config.max_wallclock_seconds = 10;
  EXPECT_DOUBLE_EQ(run_progress(config, 20, 2500), 0.25);
  EXPECT_EQ(run_progress(config, 20, 11'000), 1.0);
}

TEST(QatDue, NeedsBothItsShareOfTheRunAndALowRate) {
  QatConfig config{.method = QatMethod::kFakeQuant};
  EXPECT_TRUE(qat_due(config, 1.0, 0.0));
  config.start_fraction = 0.85;
  EXPECT_FALSE(qat_due(config, 1.0, 0.84));
  EXPECT_TRUE(qat_due(config, 1.0, 0.85));
  config.start_lr_below = 0.15;
  EXPECT_FALSE(qat_due(config, 0.15, 0.9));
  EXPECT_TRUE(qat_due(config, 0.149, 0.9));
  config.method = QatMethod::kOff;
  EXPECT_FALSE(qat_due(config, 0.1, 0.9));
}

TEST(MuonMomentum, WarmsUpLinearly) {
  const MuonConfig config{.momentum = 0.95, .momentum_warmup_start = 0.85, .momentum_warmup_steps = 30};
  EXPECT_DOUBLE_EQ(muon_momentum(config, 0), 0.85);
  EXPECT_DOUBLE_EQ(muon_momentum(config, 15), 0.90);
  EXPECT_DOUBLE_EQ(muon_momentum(config, 30), 0.95);
  EXPECT_DOUBLE_EQ(muon_momentum(config, 300), 0.95);
  EXPECT_DOUBLE_EQ(muon_momentum({.momentum = 0.9, .momentum_warmup_steps = 0}, 0), 0.9);
}

}  // namespace
}  // namespace golf
