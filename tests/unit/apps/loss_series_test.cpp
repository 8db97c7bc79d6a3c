#include "golf_inspect/loss_series.h"

#include <gtest/gtest.h>

#include "common/run_main.h"

namespace golf {
namespace {

/// Losses 4, 2, 4, 2, … plus `offset`, 10 tokens and 1 second a step, a validation after the last.
RunCurves run(const std::string& path, int64_t steps, double offset, const std::string& settings = "{}") {
  RunCurves run;
  run.path = path;
  run.name = "toy";
  run.settings = settings;
  for (int64_t i = 1; i <= steps; ++i) {
    run.steps.push_back({.step = i,
                         .train_loss = offset + (i % 2 == 1 ? 4.0 : 2.0),
                         .train_ms = 1e3 * static_cast<double>(i),
                         .tokens = 10 * i});
  }
  run.validations.push_back({.step = steps, .val_loss = 2.0, .val_bpb = 1.0});
  return run;
}

TEST(LossCurves, AreInBitsPerByteWhereEveryRunHasValidated) {
  RunCurves unvalidated = run("b", 4, 0);
  unvalidated.validations.clear();
  EXPECT_EQ(loss_curves({run("a", 4, 0)}, {}).unit, LossUnit::kBpb);
  EXPECT_EQ(loss_curves({run("a", 4, 0)}, {}).series[0].training[0].loss, 2.0);
  const LossCurves nats = loss_curves({run("a", 4, 0), unvalidated}, {});
  EXPECT_EQ(nats.unit, LossUnit::kNats);
  EXPECT_EQ(nats.series[0].training[0].loss, 4.0);
  EXPECT_THROW(loss_curves({unvalidated}, {.unit = LossUnit::kBpb}), UsageError);
}

TEST(LossCurves, AreSmoothedOverTheStepsAround) {
  const LossCurves curves = loss_curves({run("a", 6, 0)}, {.unit = LossUnit::kNats, .smooth = 3});
  std::vector<double> smooth;
  for (const LossPoint& point : curves.series[0].training) smooth.push_back(point.smooth);
  EXPECT_EQ(smooth, (std::vector<double>{4, 2, 4, 2, 8 / 3.0, 3})) << "the first ones alone";
  const LossCurves raw = loss_curves({run("a", 6, 0)}, {.unit = LossUnit::kNats, .smooth = 0});
  EXPECT_EQ(raw.series[0].training[1].smooth, 2.0);
}

TEST(LossCurves, OfSeedsBecomeTheirMeanWithTheRangeAround) {
  const std::vector<RunCurves> runs = {run("x/seed1", 4, 0, "{\"a\":1}"), run("x/seed2", 6, 1, "{\"a\":1}"),
                                       run("x/other", 4, 0, "{\"a\":2}")};
  const LossCurves curves = loss_curves(runs, {.unit = LossUnit::kNats, .smooth = 0, .average = true});
  ASSERT_EQ(curves.series.size(), 2U);
  EXPECT_EQ(curves.series[0].label, "toy");
  EXPECT_EQ(curves.series[0].runs, 2U);
  ASSERT_EQ(curves.series[0].training.size(), 4U) << "the steps that both have";
  EXPECT_EQ(curves.series[0].training[0].smooth, 4.5);
  EXPECT_EQ(curves.series[0].training[0].low, 4.0);
  EXPECT_EQ(curves.series[0].training[0].high, 5.0);
  EXPECT_EQ(curves.series[1].label, "other");
  EXPECT_EQ(curves.series[1].runs, 1U);
}

TEST(LossCurves, HaveLabelsAsShortAsTellThemApart) {
  EXPECT_EQ(short_labels({run("/a/b/c/", 1, 0)}), (std::vector<std::string>{"c"}));
  EXPECT_EQ(short_labels({run("/a/b/first", 1, 0), run("/a/b/./second", 1, 0)}),
            (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(short_labels({run("a/x/run", 1, 0), run("a/y/run", 1, 0)}),
            (std::vector<std::string>{"x/run", "y/run"}));
  EXPECT_EQ(short_labels({run("a", 1, 0), run("a/b", 1, 0)}), (std::vector<std::string>{"a", "a/b"}));
}

TEST(LossCsv, HasARowAPointAndQuotesNames) {
  const LossCurves curves = loss_curves({run("p/a,\"b\"\n", 2, 0)}, {.smooth = 0});
  EXPECT_EQ(loss_csv(curves),
            "run,runs,kind,step,tokens,train_ms,bpb,smoothed,lowest,highest\n"
            "\"a,\"\"b\"\"\\x0a\",1,training,1,10,1000,2.000000,2.000000,2.000000,2.000000\n"
            "\"a,\"\"b\"\"\\x0a\",1,training,2,20,2000,1.000000,1.000000,1.000000,1.000000\n"
            "\"a,\"\"b\"\"\\x0a\",1,validation,2,20,2000,1.000000,1.000000,1.000000,1.000000\n");
}

TEST(LossSvg, NamesItsAxes) {
  const LossCurves curves = loss_curves({run("a", 600, 0)}, {});
  EXPECT_NE(loss_svg(curves, "t", {}).find(">step<"), std::string::npos);
  EXPECT_NE(loss_svg(curves, "t", {.axis = RunAxis::kTokens}).find(">training tokens<"), std::string::npos);
  EXPECT_NE(loss_svg(curves, "t", {.axis = RunAxis::kTime}).find(">training time, minutes<"),
            std::string::npos);
  EXPECT_NE(loss_svg(curves, "t", {}).find(">loss, bits per byte<"), std::string::npos);
}

}  // namespace
}  // namespace golf
