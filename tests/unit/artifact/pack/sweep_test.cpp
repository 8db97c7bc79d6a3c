#include "golf/artifact/pack/sweep.h"

#include <gtest/gtest.h>

#include "container_models.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

LoadedModel small_checkpoint() {
  return {.tensors = test::random_weights(test::small_config()),
          .spec = ModelSpec{.model = test::small_config(), .eval = {}}};
}

/// The small model's matrices are small enough to stay floats; with this they do not.
PackRequest request() {
  PackRequest request{.recipe = load_recipe("tcq"), .codec = parse_codec("golf:1")};
  request.recipe->keep_float_max = 100;
  return request;
}

TEST(SweepRange, GoesFromTheFirstScaleToTheLastInEqualRatios) {
  const SweepRange range{.min_step = 0.1, .max_step = 0.4, .num_points = 3};
  EXPECT_DOUBLE_EQ(range.step_scale(0), 0.1);
  EXPECT_DOUBLE_EQ(range.step_scale(1), 0.2);
  EXPECT_DOUBLE_EQ(range.step_scale(2), 0.4);
}

TEST(Sweep, TradesBytesForError) {
  const Sweep result = sweep(small_checkpoint(), request(), {.num_points = 3});
  EXPECT_EQ(result.recipe, "tcq");
  ASSERT_EQ(result.points.size(), 3U);
  for (size_t i = 1; i < result.points.size(); ++i) {
    EXPECT_LT(result.points[i].artifact_bytes, result.points[i - 1].artifact_bytes);
    EXPECT_GT(result.points[i].nmse, result.points[i - 1].nmse);
  }
  EXPECT_FALSE(result.gap_bpb(result.points[0]));
}

TEST(Sweep, MeasuresEachArtifact) {
  std::vector<Bytes> seen;
  Sweep result = sweep(small_checkpoint(), request(), {.num_points = 2}, [&](ByteView artifact) {
    seen.emplace_back(artifact.begin(), artifact.end());
    return 2.0 + static_cast<double>(seen.size()) / 4;
  });
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].size(), result.points[0].artifact_bytes);
  result.unquantized_bpb = 2.0;
  EXPECT_EQ(result.gap_bpb(result.points[1]), 0.5);
  const LoadedModel loaded = load_model(seen[1], "point", std::nullopt);
  EXPECT_EQ(loaded.artifact->info.recipe, "tcq");
}

TEST(Sweep, RefusesARecipeWithoutTunableSteps) {
  EXPECT_GOLF_ERROR(sweep(small_checkpoint(), {.recipe = load_recipe("mixed-int6")}, {}),
                    ErrorCode::kInvalidArgument, "no tensor has steps to sweep");
}

}  // namespace
}  // namespace golf
