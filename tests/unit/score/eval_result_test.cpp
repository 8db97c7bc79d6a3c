#include "golf/score/eval_result.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(EvalResult, JsonNamesTheWindowRuleOnlyWhereItHolds) {
  EvalResult result;
  EXPECT_EQ(to_json(result).find("stride"), nullptr);
  result.settings.mode = EvalMode::kSliding;
  EXPECT_EQ(to_json(result).at("window_policy").as_string(), "once");
}

TEST(EvalMode, NamesGoBothWays) {
  EXPECT_EQ(parse_eval_mode("standard"), EvalMode::kStandard);
  EXPECT_EQ(parse_eval_mode("sliding"), EvalMode::kSliding);
  EXPECT_GOLF_ERROR(parse_eval_mode("slide"), ErrorCode::kInvalidArgument, "standard, sliding");
}

TEST(EvalResult, JsonHasSecondsOnlyWhereAModelRan) {
  EvalResult result;
  EXPECT_EQ(to_json(result).find("seconds"), nullptr);
  result.seconds = 2;
  EXPECT_EQ(to_json(result).at("seconds").as_double(), 2);
}

TEST(EvalResult, TakesItsFiguresFromTotalsAndPlan) {
  const EvalSettings settings{
      .mode = EvalMode::kSliding, .seq_len = 8, .stride = 4, .policy = window_policy("pr88")};
  const WindowPlan plan = make_plan(settings, trimmed_targets(20, 8));
  const std::vector<uint16_t> twenty(20);
  const EvalResult result =
      make_result(settings, plan, {.loss_nats = 24, .tokens = 12, .bytes = 30}, {twenty, twenty});
  EXPECT_DOUBLE_EQ(result.val_loss, 2.0);
  EXPECT_DOUBLE_EQ(result.val_bpb, 2.0 / std::log(2.0) * 12 / 30);
  EXPECT_EQ(result.windows, 3);
  EXPECT_EQ(result.coverage.unscored_head, 4);
  EXPECT_EQ(result.dropped_tail, 3);
}

TEST(EvalResult, IsRefusedWhereAnyStageIsNotFinite) {
  EvalResult result{.settings = {}, .val_loss = 1, .val_bpb = 1};
  result.stages = {{.name = "model", .legality = "normalized", .val_loss = 1, .val_bpb = 1}};
  require_finite(result);
  result.stages[0].val_bpb = INFINITY;
  EXPECT_GOLF_ERROR(require_finite(result), ErrorCode::kCorruptData, "not finite");
}

TEST(MakePlan, PacksSequencesInTheModeDocuments) {
  const EvalSettings settings{.mode = EvalMode::kDocuments, .seq_len = 4, .pack_seqs = 3};
  EXPECT_EQ(kept_targets(settings, 40), 36);
  const WindowPlan plan = make_plan(settings, 36);
  EXPECT_EQ(plan.size(), 3);
  EXPECT_EQ(plan[0].length, 12);
  EvalSettings tail = settings;
  tail.include_tail = true;
  EXPECT_EQ(kept_targets(tail, 40), 39);
  EXPECT_EQ(make_plan(tail, 39)[3].length, 3);
  EXPECT_EQ(parse_eval_mode("documents"), EvalMode::kDocuments);
}

}  // namespace
}  // namespace golf
