#include "golf/train/averaging/averaging_config.h"

#include <gtest/gtest.h>

#include "golf/train/config/train_config.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(SwaSnapshotDue, CountsTheStepsBeforeOrAfterThisOne) {
  const SwaConfig after{.enabled = true, .every = 4, .start_lr_below = 0.5};
  EXPECT_TRUE(swa_snapshot_due(after, 8, 0.4));
  EXPECT_FALSE(swa_snapshot_due(after, 9, 0.4));
  EXPECT_FALSE(swa_snapshot_due(after, 8, 0.5));  // not below
  SwaConfig before = after;
  before.by_step_index = true;
  EXPECT_FALSE(swa_snapshot_due(before, 8, 0.4));
  EXPECT_TRUE(swa_snapshot_due(before, 9, 0.4));
  before.enabled = false;
  EXPECT_FALSE(swa_snapshot_due(before, 9, 0.4));
}

TEST(ChooseFinalWeights, PrefersTheEmaAndNeedsTwoSnapshots) {
  WeightsConfig config;
  EXPECT_EQ(choose_final_weights(config, 0), FinalWeights::kLive);
  config.swa.enabled = true;
  EXPECT_EQ(choose_final_weights(config, 1), FinalWeights::kLive);
  EXPECT_EQ(choose_final_weights(config, 2), FinalWeights::kSwa);
  config.ema.decay = 0.9;
  EXPECT_EQ(choose_final_weights(config, 2), FinalWeights::kEma);
  config.final_ = FinalWeights::kSwa;
  EXPECT_EQ(choose_final_weights(config, 2), FinalWeights::kSwa);
  EXPECT_EQ(choose_final_weights(config, 1), FinalWeights::kLive);
  config.final_ = FinalWeights::kLive;
  EXPECT_EQ(choose_final_weights(config, 2), FinalWeights::kLive);
}

TEST(WeightsConfig, RefusesToExportAnAverageThatIsOff) {
  EXPECT_GOLF_ERROR(validate(WeightsConfig{.final_ = FinalWeights::kEma}), ErrorCode::kInvalidArgument,
                    "weights.final: is ema, but weights.ema.decay is 0");
  EXPECT_GOLF_ERROR(validate(WeightsConfig{.final_ = FinalWeights::kSwa}), ErrorCode::kInvalidArgument,
                    "weights.final: is swa");
}

}  // namespace
}  // namespace golf
