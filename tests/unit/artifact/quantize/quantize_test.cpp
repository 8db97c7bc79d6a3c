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

TEST(Quantize, BaselineInt8KeepsSmallFloatsAndQuantisesLargeControlTensors) {
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
                    "tensor \"small\", scheme fp16: has values that are not finite");
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
