#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "golf/artifact/quantize/quant_recipe.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Tensor ramp(Shape shape, DType dtype = DType::kF32) {
  std::vector<float> values(static_cast<size_t>(element_count(shape)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 97) / 97.0F - 0.5F;
  return from_f32(values, dtype, std::move(shape));
}

TensorSet model() {
  TensorSet tensors;
  tensors.add("skip_weights", ramp({2, 8}));
  tensors.add("tok_emb.weight", ramp({40, 8}));
  tensors.add("blocks.0.attn.c_q.weight", ramp({40, 8}));
  tensors.add("blocks.0.mlp.fc.weight", ramp({40, 8}));
  tensors.add("blocks.0.resid_mix", ramp({50, 8}));
  tensors.add("small", ramp({4}));
  tensors.add("double", ramp({4}, DType::kF64));
  tensors.add("counter", make_tensor(DType::kI64, {3}));
  return tensors;
}

std::map<std::string, std::string> schemes(const StoredModel& stored) {
  std::map<std::string, std::string> result;
  for (const StoredTensor& tensor : stored.tensors) result[tensor.name] = tensor.scheme();
  return result;
}

using Schemes = std::map<std::string, std::string>;

TEST(Quantize, BaselineInt8KeepsSmallFloatsAndQuantizesLargeControlTensors) {
  QuantRecipe recipe = load_recipe("baseline-int8");
  recipe.keep_float_max = 319;
  EXPECT_EQ(schemes(quantize(model(), recipe, {})), (Schemes{{"skip_weights", "fp32"},
                                                             {"tok_emb.weight", "int8"},
                                                             {"blocks.0.attn.c_q.weight", "int8"},
                                                             {"blocks.0.mlp.fc.weight", "int8"},
                                                             {"blocks.0.resid_mix", "int8"},
                                                             {"small", "fp16"},
                                                             {"double", "float64"},
                                                             {"counter", "int64"}}));
  recipe.keep_float_max = 320;
  EXPECT_EQ(schemes(quantize(model(), recipe, {}))["tok_emb.weight"], "fp16") << "the limit is inclusive";
}

TEST(Quantize, MixedInt6ChoosesByRole) {
  QuantRecipe recipe = load_recipe("mixed-int6");
  recipe.keep_float_max = 100;
  EXPECT_EQ(schemes(quantize(model(), recipe, {})), (Schemes{{"skip_weights", "fp16"},
                                                             {"tok_emb.weight", "int8"},
                                                             {"blocks.0.attn.c_q.weight", "int6"},
                                                             {"blocks.0.mlp.fc.weight", "int6"},
                                                             {"blocks.0.resid_mix", "fp16"},
                                                             {"small", "fp16"},
                                                             {"double", "float64"},
                                                             {"counter", "int64"}}));
}

TEST(Quantize, KeepsTheOrderOfTheTensors) {
  const TensorSet tensors = model();
  const StoredModel stored = quantize(tensors, load_recipe("baseline-int8"), {});
  ASSERT_EQ(stored.tensors.size(), tensors.size());
  size_t i = 0;
  for (const auto& [name, tensor] : tensors) EXPECT_EQ(stored.tensors[i++].name, name);
}

TEST(Quantize, LetsTheLastMatchingOverrideWin) {
  const QuantizeOptions options{
      .overrides = {{"blocks", "int4"}, {"mlp", "int7"}, {"^counter$", "drop"}, {"small|double", "bf16"}}};
  const Schemes found = schemes(quantize(model(), load_recipe("mixed-int6"), options));
  EXPECT_EQ(found.at("blocks.0.attn.c_q.weight"), "int4");
  EXPECT_EQ(found.at("blocks.0.mlp.fc.weight"), "int7");
  EXPECT_EQ(found.at("blocks.0.resid_mix"), "int4");
  EXPECT_EQ(found.at("small"), "bf16");
  EXPECT_EQ(found.at("double"), "bf16");
  EXPECT_EQ(found.count("counter"), 0U);
}

TEST(Quantize, CountsAnOverrideAsUsedEvenIfALaterOneWins) {
  const QuantizeOptions options{.overrides = {{"small", "int4"}, {".", "keep"}}};
  EXPECT_EQ(schemes(quantize(model(), load_recipe("mixed-int6"), options)).at("small"), "fp32");
}

TEST(Quantize, RefusesAnOverrideThatMatchesNothing) {
  EXPECT_GOLF_ERROR(quantize(model(), load_recipe("mixed-int6"), {.overrides = {{"tok_embb", "int6"}}}),
                    ErrorCode::kInvalidArgument, "\"tok_embb=int6\" matches no tensor");
}

TEST(Quantize, RefusesATensorWithoutARule) {
  const QuantRecipe recipe{.name = "partial", .rules = {{.role = "mlp", .scheme = "int6"}}};
  EXPECT_GOLF_ERROR(quantize(model(), recipe, {}), ErrorCode::kInvalidArgument,
                    "recipe \"partial\" has no rule for tensor \"skip_weights\" (float32 [2, 8])");
}

TEST(Quantize, NamesTheTensorWhoseValuesAreNotFinite) {
  TensorSet tensors = model();
  tensors.find("small")->values<float>()[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_GOLF_ERROR(quantize(tensors, load_recipe("mixed-int6"), {}), ErrorCode::kCorruptData,
                    "tensor \"small\", scheme fp16: element [2] is nan, finite values expected");
  EXPECT_NO_THROW(quantize(tensors, load_recipe("mixed-int6"), {.overrides = {{"small", "drop"}}}));
}

TEST(Quantize, NamesTheTensorWhoseDtypeDoesNotFit) {
  EXPECT_GOLF_ERROR(quantize(model(), load_recipe("mixed-int6"), {.overrides = {{"counter", "int8"}}}),
                    ErrorCode::kInvalidArgument,
                    "tensor \"counter\", scheme int8: the scheme needs floating");
}

TEST(Quantize, MatchesByRankSizeAndDtype) {
  const QuantRecipe recipe{.name = "r",
                           .rules = {{.floating = false, .scheme = "drop"},
                                     {.rank = 1, .scheme = "bf16"},
                                     {.max_elements = 16, .scheme = "fp32"},
                                     {.match = "attn", .scheme = "int5"},
                                     {.dtypes = {"float16", "float32"}, .scheme = "int4"}}};
  EXPECT_EQ(schemes(quantize(model(), recipe, {})), (Schemes{{"skip_weights", "fp32"},
                                                             {"tok_emb.weight", "int4"},
                                                             {"blocks.0.attn.c_q.weight", "int5"},
                                                             {"blocks.0.mlp.fc.weight", "int4"},
                                                             {"blocks.0.resid_mix", "int4"},
                                                             {"small", "bf16"},
                                                             {"double", "bf16"}}));
}

/// One tensor for each way in which the submissions' tests of names, sizes and dtypes differ.
TensorSet submission_model() {
  TensorSet tensors;
  tensors.add("tok_emb.weight", ramp({40, 8}, DType::kBF16));
  tensors.add("skip_weights", ramp({40, 8}));
  tensors.add("q_gain", ramp({4}));
  tensors.add("blocks.0.attn.c_q.weight", ramp({40, 8}));
  tensors.add("bigram.proj.weight", ramp({40, 8}));
  tensors.add("bigram.embed.weight", ramp({40, 8}));
  tensors.add("small", ramp({4}));
  tensors.add("double", ramp({4}, DType::kF64));
  tensors.add("counter", make_tensor(DType::kI64, {3}));
  tensors.add("mtp_heads.0.weight", ramp({40, 8}));
  return tensors;
}

TEST(Quantize, FollowsEachEntrysOrderOfTests) {
  const auto submission_schemes = [](const std::string& name) {
    QuantRecipe recipe = load_recipe(name);
    EXPECT_EQ(recipe.keep_float_max, 65'536);
    recipe.keep_float_max = 100;
    std::string joined;
    const StoredModel stored = quantize(submission_model(), recipe, {});
    for (const StoredTensor& tensor : stored.tensors) joined += tensor.scheme() + " ";
    return joined;
  };
  // embedding, large and small control, attention, table's projection, table, small, float64, integers, MTP
  EXPECT_EQ(submission_schemes("pr88"), "fp16 int6 fp32 int6 int6 int6 fp16 float64 int64 ");
  EXPECT_EQ(submission_schemes("pr192"), "fp16 int6 fp32 int6 int6 int6 fp16 float64 int64 int6 ");
  EXPECT_EQ(submission_schemes("pr262"), "int8 fp32 fp16 int6 int6 int8 fp16 fp16 int64 ");
  EXPECT_EQ(submission_schemes("pr993"), "int8 fp32 fp16 int6 int6 int8 fp16 fp16 int64 ");
  EXPECT_EQ(submission_schemes("pr1046"), "int8 fp32 fp32 int6 int8 int8 fp16 float64 int64 int8 ");
  EXPECT_EQ(submission_schemes("pr1046-int8"), "int8 int8 fp32 int8 int8 int8 fp16 float64 int64 int8 ");
}

TEST(Quantize, PrunesTheSmallestWeightsOfMatricesThatBecomeIntegers) {
  TensorSet tensors;
  const std::vector<float> weights = {-0.1F, 0.2F, 0.3F, -0.4F, 31.0F};
  tensors.add("matrix", make_tensor<float>(DType::kF32, {1, 5}, weights));
  tensors.add("vector", make_tensor<float>(DType::kF32, {5}, weights));
  tensors.add("kept", make_tensor<float>(DType::kF32, {1, 5}, weights));
  const QuantRecipe recipe = {
      .name = "t", .prune_fraction = 0.5, .rules = {{.match = "kept", .scheme = "fp32"}, {.scheme = "int8"}}};
  const TensorSet restored = dequantize(quantize(tensors, recipe, {}));
  const auto is_zero = [&](const std::string& name) {
    std::string zeros;
    for (const float weight : restored.at(name).values<float>()) zeros += weight == 0.0F ? '0' : 'x';
    return zeros;
  };
  EXPECT_EQ(is_zero("matrix"), "00xxx") << "the median itself stays";
  EXPECT_EQ(is_zero("vector"), "0xxxx") << "0.1 is under half a step, nothing else is pruned";
  EXPECT_EQ(is_zero("kept"), "xxxxx");
  QuantRecipe wrong = recipe;
  wrong.prune_fraction = 1.0;
  EXPECT_GOLF_ERROR(validate(wrong), ErrorCode::kInvalidArgument, "prune_fraction 1");
}

TEST(Quantize, GivesTheSameResultOnAnyNumberOfThreadsAndReportsProgress) {
  const TensorSet tensors = model();
  std::vector<uint64_t> seen;
  const StoredModel one =
      quantize(tensors, load_recipe("mixed-int6"),
               {.threads = 1, .progress = [&](const Progress& progress) { seen.push_back(progress.done); }});
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  const StoredModel four = quantize(tensors, load_recipe("mixed-int6"), {.threads = 4});
  for (size_t i = 0; i < one.tensors.size(); ++i) {
    EXPECT_EQ(one.tensors[i].values, four.tensors[i].values);
    EXPECT_EQ(one.tensors[i].scales, four.tensors[i].scales);
  }
}

}  // namespace
}  // namespace golf
