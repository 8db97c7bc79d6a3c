#include "golf/train/optim/schedule.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/train/objective/objective_config.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

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

TEST(LrMultiplier, FallsOverTheLastShareOfTheRun) {
  ScheduleConfig config{
      .iterations = 100, .warmdown_iters = 0, .warmdown_fraction = 0.4, .max_wallclock_seconds = 0};
  EXPECT_EQ(lr_multiplier(config, 0, 0), 1.0);
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 60, 0), 1.0);
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 80, 0), 0.5);
  EXPECT_EQ(lr_multiplier(config, 100, 0), 0.0);
  config.min_lr = 0.1;
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 95, 0), 0.125);
  EXPECT_EQ(lr_multiplier(config, 97, 0), 0.1);
  config.max_wallclock_seconds = 12;
  config.reserve_seconds = 2;  // the run's time is 10 seconds
  EXPECT_EQ(lr_multiplier(config, 99, 5'000), 1.0);
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 1, 8'000), 0.5);
  EXPECT_EQ(lr_multiplier(config, 1, 11'000), 0.1);
}

TEST(LrMultiplier, StaysAboveTheLeastRateInTheLastIterationsToo) {
  const ScheduleConfig config{
      .iterations = 60, .warmdown_iters = 20, .min_lr = 0.2, .max_wallclock_seconds = 0};
  EXPECT_DOUBLE_EQ(lr_multiplier(config, 50, 0), 0.5);
  EXPECT_EQ(lr_multiplier(config, 59, 0), 0.2);
}

TEST(ScheduleConfig, RefusesSettingsWithoutEffect) {
  EXPECT_GOLF_ERROR(validate(ScheduleConfig{.warmdown_fraction = 0.5}), ErrorCode::kInvalidArgument,
                    "schedule.warmdown_fraction: schedule.warmdown_iters is 1200 too");
  EXPECT_GOLF_ERROR(validate(ScheduleConfig{.warmdown_iters = 0, .warmdown_fraction = 0.0}),
                    ErrorCode::kInvalidArgument, "schedule.warmdown_fraction: is 0");
  EXPECT_GOLF_ERROR(validate(ScheduleConfig{.warmdown_iters = 0, .min_lr = 0.1}), ErrorCode::kInvalidArgument,
                    "schedule.min_lr: is 0.1, but the rates do not fall");
  EXPECT_GOLF_ERROR(validate(ScheduleConfig{.reserve_seconds = 600}), ErrorCode::kInvalidArgument,
                    "schedule.reserve_seconds: 600 seconds leave nothing of max_wallclock_seconds 600");
}

TEST(MuonDecayScale, FallsFromTheTapersStart) {
  MuonConfig config{.weight_decay = 0.1};
  EXPECT_EQ(muon_decay_scale(config, 0.9), 1.0);
  config.decay_taper = {.start_fraction = 0.6, .final_scale = 0.5};
  EXPECT_EQ(muon_decay_scale(config, 0.59), 1.0);
  EXPECT_EQ(muon_decay_scale(config, 0.6), 1.0);
  EXPECT_DOUBLE_EQ(muon_decay_scale(config, 0.8), 0.75);
  EXPECT_DOUBLE_EQ(muon_decay_scale(config, 1.0), 0.5);
}

TEST(RunProgress, CountsTheTimeWhenThatIsCappedElseTheIterations) {
  ScheduleConfig config{.iterations = 50, .max_wallclock_seconds = 0};
  EXPECT_EQ(run_progress(config, 0, 9e9), 0.0);
  EXPECT_DOUBLE_EQ(run_progress(config, 20, 0), 0.4);
  config.max_wallclock_seconds = 10;
  EXPECT_DOUBLE_EQ(run_progress(config, 20, 2500), 0.25);
  EXPECT_EQ(run_progress(config, 20, 11'000), 1.0);
  config.reserve_seconds = 5;
  EXPECT_DOUBLE_EQ(run_progress(config, 20, 2500), 0.5);
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

/// Rates and momentum of every step that the records' programs recorded.
void expect_recorded_schedule(const std::string& file, ScheduleConfig schedule, const MuonConfig& muon) {
  const Json recorded = read_json_file(test::reference_data() + "/" + file);
  schedule.warmdown_iters = 0;
  schedule.max_wallclock_seconds = 0;
  schedule.iterations = recorded.at("iterations").as_int();
  for (const Json& step : recorded.at("steps").as_array()) {
    const int64_t index = step.at("step").as_int();
    EXPECT_NEAR(lr_multiplier(schedule, index, 0), step.at("lr_multiplier").as_double(), 1e-9)
        << file << " step " << index;
    const Json* momentum = step.find("muon_momentum");
    if (momentum == nullptr) continue;
    EXPECT_NEAR(muon_momentum(muon, index), momentum->as_double(), 1e-9) << file << " step " << index;
  }
}

TEST(LrMultiplier, IsTheRecordsInEveryRecordedStep) {
  GOLF_NEED_REFERENCE_DATA();
  MuonConfig muon{.momentum = 0.99, .momentum_warmup_start = 0.92, .momentum_warmup_steps = 30};
  expect_recorded_schedule("pr1394/trajectory_long.json", {.warmdown_fraction = 0.667}, muon);
  expect_recorded_schedule("pr1493/trajectory.json", {.warmdown_fraction = 0.72}, muon);
  muon.momentum = 0.97;
  for (const char* file :
       {"pr1855/trajectory_20.json", "pr1855/trajectory_60.json", "pr2135/trajectory.json"}) {
    expect_recorded_schedule(file, {.warmdown_fraction = 0.85, .min_lr = 0.1}, muon);
  }
}

}  // namespace
}  // namespace golf
