#include "golf/artifact/pack/pack.h"

#include <gtest/gtest.h>

#include "container_models.h"
#include "golf/artifact/formats/safetensors.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using Kind = PackTarget::Kind;

LoadedModel small_checkpoint() {
  return {.tensors = test::random_weights(test::small_config()),
          .spec = ModelSpec{.model = test::small_config(), .eval = {}}};
}

LoadedModel loaded(const PackResult& result) { return load_model(result.bytes, "packed", std::nullopt); }

/// The small model's matrices are small enough to stay floats; with this they do not.
QuantRecipe recipe(const std::string& name) {
  QuantRecipe recipe = load_recipe(name);
  recipe.keep_float_max = 100;
  return recipe;
}

/// Statistics with which every matrix has gradients.
Calibration statistics(const TensorSet& tensors) {
  TensorSet file;
  for (const auto& [name, tensor] : tensors) {
    if (tensor.rank() != 2) continue;
    const std::vector<float> squares(static_cast<size_t>(tensor.shape[0]), 0.01F);
    file.add("diagonal_fisher:" + name, from_f32(squares, DType::kF32, {tensor.shape[0]}));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "1000"}, {"bytes", "2400"}};
  return {std::move(file), "statistics"};
}

TEST(Pack, GivesTheBytesOfQuantizingAndEncoding) {
  const LoadedModel model = small_checkpoint();
  const QuantRecipe recipe = load_recipe("mixed-int6");
  const PackResult result = pack(model, {.recipe = recipe, .codec = parse_codec("zstd:3")});
  const Artifact by_hand{.info = {.spec = model.spec, .codec = parse_codec("zstd:3"), .recipe = recipe.name},
                         .model = quantize(model.tensors, recipe, {})};
  EXPECT_EQ(result.bytes, encode_artifact(by_hand));
  EXPECT_EQ(result.budget.artifact_bytes, result.bytes.size());
  EXPECT_EQ(result.sizes.sum(), result.bytes.size());
}

TEST(Pack, TakesTheDefaultRecipeWhenNoneIsGiven) {
  EXPECT_EQ(pack(small_checkpoint(), {}).artifact.info.recipe, kDefaultRecipe);
  EXPECT_EQ(recipe_of({.target = {Kind::kBudget}}).name, "best");
  EXPECT_EQ(recipe_of({.format = ArtifactFormat::kPtz}).name, "baseline-int8");
  EXPECT_EQ(recipe_of({.format = ArtifactFormat::kPtz, .ptz_layout = "pgrp_v2"}).name, "pr2135");
  for (const char* layout : {"", "pgrp_v2"}) {
    PackRequest request{.format = ArtifactFormat::kPtz, .ptz_layout = layout};
    EXPECT_FALSE(recipe_of(request).ptz_layout.empty()) << "a recipe that the format can hold";
  }
}

TEST(Pack, HandsOnTheWeightsThatTheBytesDecodeTo) {
  const PackResult result = pack(small_checkpoint(), {.keep_weights = true});
  ASSERT_TRUE(result.weights);
  EXPECT_TRUE(result.verified);
  const LoadedModel again = loaded(result);
  for (const auto& [name, tensor] : again.tensors) EXPECT_EQ(result.weights->at(name), tensor) << name;
  EXPECT_FALSE(pack(small_checkpoint(), {}).weights);
  EXPECT_FALSE(pack(small_checkpoint(), {.verify = false}).verified);
}

TEST(Pack, KeepsWhatAnArtifactStores) {
  const PackResult first = pack(small_checkpoint(), {.recipe = load_recipe("mixed-int6")});
  const PackResult again = pack(loaded(first), {.codec = parse_codec("golf:1")});
  EXPECT_EQ(again.artifact.model, first.artifact.model);
  EXPECT_EQ(again.artifact.info.recipe, "mixed-int6");
  EXPECT_EQ(to_string(again.artifact.info.codec), "golf:1");
}

TEST(Pack, QuantizesAnArtifactAgainWhenAsked) {
  const PackResult first = pack(small_checkpoint(), {.recipe = recipe("baseline-int8")});
  const PackResult again = pack(loaded(first), {.recipe = load_recipe("mixed-int6")});
  EXPECT_EQ(again.artifact.info.recipe, "mixed-int6");
  EXPECT_NE(again.artifact.model, first.artifact.model);
}

TEST(Pack, FitsArtifactAndCodeIntoTheBudget) {
  PackRequest request{.recipe = recipe("ecsq"), .codec = parse_codec("golf:1"), .target = {Kind::kBudget}};
  request.budget = {.limit_bytes = 20'000, .code = {{"train.py", 3'000}}};
  const PackResult result = pack(small_checkpoint(), request);
  ASSERT_TRUE(result.fit);
  EXPECT_EQ(result.fit->bytes, result.bytes.size());
  EXPECT_LE(result.bytes.size(), 17'000U);
  EXPECT_TRUE(result.budget.fits());
}

TEST(Pack, FitsTheDecoderIntoTheBudgetToo) {
  PackRequest request{.recipe = recipe("ecsq"), .codec = parse_codec("golf:1"), .target = {Kind::kBudget}};
  request.budget.limit_bytes = 20'000;
  request.emit_decoder = "load.py";
  const PackResult result = pack(small_checkpoint(), request);
  ASSERT_EQ(result.budget.code.size(), 1U);
  EXPECT_EQ(result.budget.code[0].path, "load.py");
  EXPECT_EQ(result.budget.code[0].bytes, result.decoder.size());
  EXPECT_TRUE(result.budget.fits());
  EXPECT_EQ(result.fit->bytes, result.budget.total_bytes());
}

TEST(Pack, StaysUnderAGap) {
  const LoadedModel model = small_checkpoint();
  const PackRequest request{.recipe = recipe("ecsq"),
                            .calibration = statistics(model.tensors),
                            .codec = parse_codec("golf:1"),
                            .target = {Kind::kGap, 0.01}};
  const PackResult result = pack(model, request);
  ASSERT_TRUE(result.gap_fit && result.predicted_gap_bpb);
  EXPECT_LE(*result.predicted_gap_bpb, 0.01);
  EXPECT_GE(*result.predicted_gap_bpb, 0.0098);
}

TEST(Pack, RefusesAGapWithoutGradients) {
  EXPECT_GOLF_ERROR(pack(small_checkpoint(), {.target = {Kind::kGap, 0.01}}), ErrorCode::kInvalidArgument,
                    "needs a calibration with gradients and bytes");
}

TEST(Pack, PrunesNoMoreThanTheBudgetAsksFor) {
  PackRequest request{.recipe = recipe("pr993"), .codec = parse_codec("zlib:1"), .target = {Kind::kPrune}};
  const uint64_t unpruned = pack(small_checkpoint(), request).bytes.size();
  request.budget.limit_bytes = unpruned - 50;
  const PackResult result = pack(small_checkpoint(), request);
  ASSERT_TRUE(result.prune);
  EXPECT_EQ(result.prune->unpruned_bytes, unpruned);
  EXPECT_EQ(result.prune->pruned_bytes, result.bytes.size());
  EXPECT_LE(result.bytes.size(), unpruned - 50);
  EXPECT_GT(result.prune->zeroed, 0U);
}

TEST(Pack, BlamesTheRequest) {
  const LoadedModel model = small_checkpoint();
  EXPECT_GOLF_ERROR(pack(model, {.overrides = {{"nothing", "int6"}}}), ErrorCode::kInvalidArgument,
                    "\"nothing=int6\" matches no tensor");
  EXPECT_GOLF_ERROR(pack(model, {.overrides = {{"mlp.fc", "drop"}}}), ErrorCode::kInvalidArgument,
                    "is dropped, but the model configuration needs it");
  EXPECT_GOLF_ERROR(pack(model, {.codec = parse_codec("zlib:9"), .emit_decoder = "load.py"}),
                    ErrorCode::kInvalidArgument, "a Python decoder is written for codec golf in a golf file");
  EXPECT_GOLF_ERROR(pack(model, {.recipe = recipe("tcq"), .format = ArtifactFormat::kPtz}),
                    ErrorCode::kInvalidArgument, "");
}

}  // namespace
}  // namespace golf
