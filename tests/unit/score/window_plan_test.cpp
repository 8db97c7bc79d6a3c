#include "golf/score/window_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/error_matchers.h"

namespace golf {
namespace {

std::vector<Window> all(const WindowPlan& plan) {
  std::vector<Window> windows;
  for (int64_t i = 0; i < plan.size(); ++i) windows.push_back(plan[i]);
  return windows;
}

std::vector<int> times_scored(const WindowPlan& plan) {
  std::vector<int> times(static_cast<size_t>(plan.targets()));
  for (const Window& window : all(plan)) {
    for (int64_t i = 0; i < window.scored(); ++i) ++times.at(static_cast<size_t>(window.first_target() + i));
  }
  return times;
}

TEST(WindowPlan, StandardWindowsTouchAndDropTheTail) {
  EXPECT_EQ(all(WindowPlan::standard(10, 4)), (std::vector<Window>{{0, 4, 0}, {4, 4, 0}}));
  EXPECT_EQ(WindowPlan::standard(12, 4).size(), 3);
}

// Ten targets, windows of 4, stride 2; then nine targets, where the last stride is cut.
TEST(WindowPlan, OnceScoresWhatIsNew) {
  EXPECT_EQ(all(WindowPlan::sliding(10, 4, 2)),
            (std::vector<Window>{{0, 4, 0}, {2, 4, 2}, {4, 4, 2}, {6, 4, 2}}));
  EXPECT_EQ(all(WindowPlan::sliding(3, 4, 2)), (std::vector<Window>{{0, 3, 0}}));
}

TEST(WindowPlan, OnceScoresACutLastStrideOnce) {
  // The last window keeps targets 8 only: [6, 9) has length 3, of which targets 6 and 7 are known.
  EXPECT_EQ(all(WindowPlan::sliding(9, 4, 2)),
            (std::vector<Window>{{0, 4, 0}, {2, 4, 2}, {4, 4, 2}, {6, 3, 2}}));
}

TEST(WindowPlan, Pr88ScoresOnlyTheLastStrideOfFullWindows) {
  EXPECT_EQ(all(WindowPlan::sliding(9, 4, 2, window_policy("pr88"))),
            (std::vector<Window>{{0, 4, 2}, {2, 4, 2}, {4, 4, 2}}));
  const Coverage coverage = WindowPlan::sliding(9, 4, 2, window_policy("pr88")).coverage();
  EXPECT_EQ(coverage.unscored_head, 2);
  EXPECT_EQ(coverage.scored, 6);
  EXPECT_EQ(coverage.unscored_others, 1);
  EXPECT_EQ(coverage.repeated, 0);
}

TEST(WindowPlan, Pr192ScoresTheLastStrideAgainInEachShortenedWindow) {
  EXPECT_EQ(all(WindowPlan::sliding(9, 4, 2, window_policy("pr192"))),
            (std::vector<Window>{{0, 4, 0}, {2, 4, 2}, {4, 4, 2}, {6, 3, 1}}));
  EXPECT_EQ(all(WindowPlan::sliding(10, 4, 2, window_policy("pr192"))),
            (std::vector<Window>{{0, 4, 0}, {2, 4, 2}, {4, 4, 2}, {6, 4, 2}, {8, 2, 0}}));
  const Coverage coverage = WindowPlan::sliding(10, 4, 2, window_policy("pr192")).coverage();
  EXPECT_EQ(coverage.scored, 12);
  EXPECT_EQ(coverage.distinct, 10);
  EXPECT_EQ(coverage.repeated, 2);
}

TEST(WindowPlan, Pr262And993KeepWindowsShorterThanTheStride) {
  for (const WindowPolicy policy : {window_policy("pr262"), window_policy("pr993")}) {
    EXPECT_EQ(all(WindowPlan::sliding(9, 4, 2, policy)),
              (std::vector<Window>{{0, 4, 0}, {2, 4, 2}, {4, 4, 2}, {6, 3, 1}, {8, 1, 0}}));
  }
}

TEST(WindowPlan, OnceScoresEveryTargetExactlyOnceWhateverTheSizes) {
  for (int64_t targets = 1; targets <= 40; ++targets) {
    for (int64_t seq_len = 1; seq_len <= 12; ++seq_len) {
      for (int64_t stride = 1; stride <= seq_len; ++stride) {
        const WindowPlan plan = WindowPlan::sliding(targets, seq_len, stride);
        ASSERT_EQ(times_scored(plan), std::vector<int>(static_cast<size_t>(targets), 1))
            << targets << " " << seq_len << " " << stride;
      }
    }
  }
}

TEST(WindowPlan, CoverageCountsWhatCountingByHandCounts) {
  for (const std::string_view name : policy_names()) {
    for (int64_t targets = 5; targets <= 30; ++targets) {
      for (int64_t stride = 1; stride <= 5; ++stride) {
        const WindowPlan plan = WindowPlan::sliding(targets, 5, stride, window_policy(name));
        int64_t scored = 0;
        int64_t distinct = 0;
        for (const int times : times_scored(plan)) {
          scored += times;
          distinct += times > 0;
        }
        const Coverage coverage = plan.coverage();
        ASSERT_EQ(coverage.scored, scored) << name << " " << targets << " " << stride;
        ASSERT_EQ(coverage.distinct, distinct) << name << " " << targets << " " << stride;
        ASSERT_EQ(coverage.unscored_head + coverage.unscored_others, targets - distinct);
      }
    }
  }
}

TEST(WindowPlan, HasTheCountsOfTheEntries) {
  // PR 88 on the development shard: 2,045 windows, 130,880 targets; PR 192 and others: 192 counted again.
  EXPECT_EQ(WindowPlan::sliding(131'072, 256, 64, window_policy("pr88")).size(), 2045);
  EXPECT_EQ(WindowPlan::sliding(131'072, 256, 64, window_policy("pr88")).coverage().scored, 130'880);
  EXPECT_EQ(WindowPlan::sliding(131'072, 256, 64, window_policy("pr192")).coverage().scored, 131'264);
  EXPECT_EQ(WindowPlan::sliding(131'072, 256, 64, window_policy("pr993")).coverage().scored, 131'264);
}

TEST(WindowPlan, StrideOfTheSequenceLengthIsTheStandardEvaluation) {
  for (const std::string_view name : policy_names()) {
    EXPECT_EQ(all(WindowPlan::sliding(24, 8, 8, window_policy(name))), all(WindowPlan::standard(24, 8)))
        << name;
  }
}

TEST(WindowPlan, RefusesSizesThatMakeNoWindow) {
  EXPECT_GOLF_ERROR(WindowPlan::standard(3, 4), ErrorCode::kInvalidArgument, "do not fill one window of 4");
  EXPECT_GOLF_ERROR(WindowPlan::sliding(3, 4, 2, window_policy("pr88")), ErrorCode::kInvalidArgument,
                    "3 targets");
  EXPECT_GOLF_ERROR(WindowPlan::sliding(9, 4, 5), ErrorCode::kInvalidArgument, "stride 5");
  EXPECT_GOLF_ERROR(WindowPlan::sliding(9, 4, 0), ErrorCode::kInvalidArgument, "stride 0");
  EXPECT_GOLF_ERROR(WindowPlan::sliding(9, 0, 0), ErrorCode::kInvalidArgument, "sequence length 0");
  EXPECT_GOLF_ERROR(window_policy("pr89"), ErrorCode::kInvalidArgument, "once, pr88");
}

TEST(TrimmedTargets, KeepsWholeSequencesAndOneTarget) {
  EXPECT_EQ(trimmed_targets(9, 4), 8);
  EXPECT_EQ(trimmed_targets(12, 4), 8);
  EXPECT_EQ(trimmed_targets(13, 4), 12);
  EXPECT_GOLF_ERROR(trimmed_targets(4, 4), ErrorCode::kInvalidArgument,
                    "4 tokens are fewer than one sequence");
  EXPECT_GOLF_ERROR(trimmed_targets(0, 4), ErrorCode::kInvalidArgument, "0 tokens");
}

TEST(WindowPlan, KeepsTheTailInAShorterWindow) {
  const WindowPlan plan = WindowPlan::standard(10, 4, /*include_tail=*/true);
  ASSERT_EQ(plan.size(), 3);
  EXPECT_EQ(plan[2], (Window{8, 2, 0}));
  EXPECT_EQ(plan.coverage().distinct, 10);
  EXPECT_EQ(WindowPlan::standard(3, 4, true)[0], (Window{0, 3, 0}));
}

}  // namespace
}  // namespace golf
