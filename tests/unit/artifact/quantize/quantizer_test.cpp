#include "golf/artifact/quantize/quantizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/quantize/fit_to_budget.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TensorSet model() {
  TensorSet tensors;
  tensors.add("tok_emb.weight", test::bell_matrix(96, 48, 0.3, 1));
  tensors.add("blocks.0.attn.c_q.weight", test::bell_matrix(48, 48, 0.1, 2));
  tensors.add("blocks.0.mlp.fc.weight", test::bell_matrix(96, 48, 2.0, 3));
  return tensors;
}

Calibration calibration() {
  TensorSet file;
  for (const char* name : {"blocks.0.attn.c_q.weight", "blocks.0.mlp.fc.weight"}) {
    file.add(name, test::second_moments(48));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "1"}};
  return {std::move(file), "c"};
}

QuantRecipe recipe(const std::string& name) {
  QuantRecipe recipe = load_recipe(name);
  recipe.keep_float_max = 10;
  return recipe;
}

TEST(Quantizer, OneLevelGivesEachTensorItsShareOfItsRootMeanSquare) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("ecsq"), {});
  EXPECT_EQ(quantizer.free_weights(), 96U * 48 + 48 * 48 + 96 * 48);
  const StoredModel stored = quantizer.quantize(0.25);
  EXPECT_NEAR(stored.tensors[0].grid.step, 0.25 * 0.3 / 8, 0.001) << "embeddings: importance 64";
  EXPECT_NEAR(stored.tensors[1].grid.step, 0.25 * 0.1, 0.002);
  EXPECT_NEAR(stored.tensors[2].grid.step, 0.25 * 2.0, 0.02);
  EXPECT_EQ(stored.tensors[2].grid.step, quantizer.quantize(0.5).tensors[2].grid.step / 2);
  EXPECT_EQ(quantizer.quantize().tensors[2].grid, quantizer.quantize(0.125).tensors[2].grid);
}

TEST(Quantizer, CalibratedTensorsGetFeedbackAndColumnSteps) {
  const TensorSet tensors = model();
  const Calibration moments = calibration();
  const StoredModel stored = Quantizer(tensors, recipe("tcq"), {.calibration = &moments}).quantize();
  EXPECT_FALSE(stored.tensors[0].grid.column_offsets) << "nothing is known of its inputs";
  EXPECT_TRUE(stored.tensors[1].grid.column_offsets);
  const StoredModel plain = Quantizer(tensors, recipe("tcq"), {}).quantize();
  EXPECT_FALSE(plain.tensors[1].grid.column_offsets);
  // The same level is the same relative output error, or better, whatever the inputs.
  const auto h = moments.find("blocks.0.mlp.fc.weight");
  const Tensor& weights = tensors.at("blocks.0.mlp.fc.weight");
  EXPECT_LT(test::output_error(weights, stored.tensors[2], h),
            test::output_error(weights, plain.tensors[2], h));
}

TEST(Quantizer, TiedEmbeddingsStayPreciseWhereTheHeadDoesNotLook) {
  const Tensor weights = test::bell_matrix(200, 16, 0.3);
  Tensor moments = make_tensor(DType::kF32, {16, 16});
  for (size_t i = 0; i < 16; ++i) moments.values<float>()[i * 17] = i == 0 ? 1000.0F : 0.001F;
  TensorSet tensors, file;
  for (const char* name : {"tok_emb.weight", "lm_head.weight"}) {
    tensors.add(name, weights);
    file.add(name, moments);
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "1"}};
  const Calibration calibration(std::move(file), "c");
  const StoredModel stored = quantize(tensors, recipe("best"), {.calibration = &calibration});
  EXPECT_LT(test::output_error(weights, stored.tensors[0]) * 20,
            test::output_error(weights, stored.tensors[1]));
}

TEST(Quantizer, RelativeErrorFollowsTheStepsAndTheInputs) {
  const TensorSet tensors = model();
  const QuantRecipe ecsq = recipe("ecsq");
  const Quantizer plain(tensors, ecsq, {.overrides = {{"tok", "fp16"}}});
  // A step of s root mean squares errs by s²/12.
  EXPECT_NEAR(plain.relative_error(plain.quantize(0.25)), 0.25 * 0.25 / 12, 3e-4);
  EXPECT_NEAR(plain.relative_error(plain.quantize(0.5)), 0.5 * 0.5 / 12, 1e-3);
  const Calibration moments = calibration();
  const Quantizer calibrated(tensors, ecsq, {.overrides = {{"tok", "fp16"}}, .calibration = &moments});
  // Feedback and column steps make the error's energy what the level says, less what the damping feigns.
  const double error = calibrated.relative_error(calibrated.quantize(0.25));
  EXPECT_LT(error, 0.25 * 0.25 / 12);
  EXPECT_GT(error, 0.7 * 0.25 * 0.25 / 12);
  const Quantizer floats(tensors, ecsq, {.overrides = {{".", "fp16"}}});
  EXPECT_EQ(floats.relative_error(floats.quantize()), 0.0);
}

TEST(Quantizer, NumbersInSchemesAreNotTheLevels) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("tcq"),
                            {.overrides = {{"fc", "ecsq:0.5"}, {"tok", "int8-sd:20"}}});
  EXPECT_EQ(quantizer.free_weights(), 48U * 48);
  const StoredModel stored = quantizer.quantize(0.001);
  EXPECT_EQ(stored.tensors[0].scheme(), "int8");
  EXPECT_EQ(stored.tensors[1].scheme(), "tcq");
  EXPECT_EQ(stored.tensors[2].scheme(), "ecsq");
  EXPECT_NEAR(stored.tensors[2].grid.step, 0.5 * 2.0, 0.04);
}

TEST(Quantizer, FeedbackKeepsTheStepsOfTheEntrysOwnScheme) {
  const TensorSet tensors = model();
  const Calibration moments = calibration();
  const auto stored_by = [&](const std::string& scheme) {
    const QuantizeOptions options{.overrides = {{"blocks", scheme}}, .calibration = &moments};
    return quantize(tensors, recipe("tcq"), options).tensors[2];
  };
  const auto h = moments.find("blocks.0.mlp.fc.weight");
  const Tensor& weights = tensors.at("blocks.0.mlp.fc.weight");
  for (const std::string scheme : {"int6", "int6-pr88", "int6-pr192", "int6-pr1046", "int6-sd:12.85"}) {
    const StoredTensor plain = stored_by(scheme);
    const StoredTensor fed_back = stored_by(scheme + "+gptq+actorder");
    EXPECT_EQ(plain.scales, fed_back.scales) << scheme;
    EXPECT_LT(test::output_error(weights, fed_back, h), 0.7 * test::output_error(weights, plain, h))
        << scheme;
  }
}

TEST(Quantizer, DoesNotDependOnTheThreads) {
  const TensorSet tensors = model();
  const Calibration moments = calibration();
  const StoredModel one = quantize(tensors, recipe("tcq"), {.calibration = &moments, .threads = 1});
  const StoredModel four = quantize(tensors, recipe("tcq"), {.calibration = &moments, .threads = 4});
  for (size_t i = 0; i < one.tensors.size(); ++i) {
    EXPECT_TRUE(one.tensors[i].values == four.tensors[i].values);
    EXPECT_TRUE(one.tensors[i].scales == four.tensors[i].scales);
  }
}

TEST(Quantizer, TakesWeightsThatAreAllZero) {
  TensorSet tensors;
  tensors.add("w", make_tensor(DType::kF32, {8, 8}));
  for (const char* name : {"ecsq", "tcq"}) {
    const Tensor decoded = dequantize(quantize(tensors, recipe(name), {}).tensors[0]);
    EXPECT_EQ(decoded, tensors.at("w"));
  }
}

TEST(Quantizer, RefusesWhatASchemeCannotHave) {
  TensorSet tensors = model();
  tensors.add("vector", make_tensor(DType::kF32, {100}));
  const auto refuse = [&](const std::string& scheme, const std::string& part) {
    EXPECT_GOLF_ERROR(quantize(tensors, recipe("ecsq"), {.overrides = {{"vector|c_q", scheme}}}),
                      ErrorCode::kInvalidArgument, part);
  };
  refuse("int6+gptq",
         "tensor \"blocks.0.attn.c_q.weight\", scheme int6: +gptq and +columns need the second "
         "moments of its inputs: give them by --calibration");
  refuse("tcq", "tensor \"vector\", scheme tcq: a trellis, +gptq and +columns need a matrix, [100] found");
  const Calibration moments = calibration();
  EXPECT_GOLF_ERROR(quantize(TensorSet(), recipe("tcq"), {.calibration = &moments}), ErrorCode::kMismatch,
                    "collect the calibration from this model");
}

/// About what an entropy coder needs: order-0 entropy of each tensor.
uint64_t entropy_bytes(const StoredModel& model) {
  double bits = 0.0;
  for (const StoredTensor& tensor : model.tensors) {
    std::vector<double> counts(256);
    for (const int8_t value : tensor.values.values<int8_t>()) ++counts[static_cast<size_t>(value + 128)];
    const auto total = static_cast<double>(tensor.values.elements());
    for (const double count : counts) bits -= count > 0 ? count * std::log2(count / total) : 0.0;
  }
  return static_cast<uint64_t>(bits / 8);
}

TEST(FitToBudget, LandsJustUnderTheLimit) {
  const TensorSet tensors = model();
  for (const char* name : {"ecsq", "tcq"}) {
    const Quantizer quantizer(tensors, recipe(name), {});
    for (const uint64_t limit : {4000, 8000}) {
      StoredModel stored;
      const FitReport report = fit_to_budget(quantizer, limit, entropy_bytes, stored);
      EXPECT_EQ(report.end, FitReport::End::kLanded);
      EXPECT_LE(report.bytes, limit);
      EXPECT_GE(static_cast<double>(report.bytes), static_cast<double>(limit) * (1 - kFitWindow));
      EXPECT_EQ(entropy_bytes(stored), report.bytes);
      EXPECT_TRUE(stored.tensors[0].values == quantizer.quantize(report.level).tensors[0].values);
      EXPECT_LE(report.probes, 20);
      EXPECT_EQ(report.relative_error, quantizer.relative_error(stored));
    }
  }
}

TEST(FitToBudget, SaysWhyItDidNotLand) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("ecsq"), {});
  StoredModel stored;
  EXPECT_EQ(fit_to_budget(quantizer, 1 << 20, entropy_bytes, stored).end, FitReport::End::kFinest);
  const auto large = [](const StoredModel& model) { return entropy_bytes(model) + 10000; };
  const FitReport too_large = fit_to_budget(quantizer, 5000, large, stored);
  EXPECT_EQ(too_large.end, FitReport::End::kTooLarge);
  EXPECT_GE(too_large.bytes, 10000U);
  // Sizes in lumps, as a codec that pads would make them.
  const auto lumps = [](const StoredModel& model) { return entropy_bytes(model) / 512 * 512; };
  const FitReport nearest = fit_to_budget(quantizer, 4100, lumps, stored);
  EXPECT_EQ(nearest.end, FitReport::End::kNearest);
  EXPECT_EQ(nearest.bytes, 4096U);
  EXPECT_GOLF_ERROR(fit_to_budget(Quantizer(tensors, recipe("mixed-int6"), {}), 5000, entropy_bytes, stored),
                    ErrorCode::kInvalidArgument, "no tensor has steps to fit");
}

}  // namespace
}  // namespace golf
