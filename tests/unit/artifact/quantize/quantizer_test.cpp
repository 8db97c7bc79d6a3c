#include "golf/artifact/quantize/quantizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/quantize/fit.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// @param fc_deviation  standard deviation of the last matrix
TensorSet model(double fc_deviation = 2.0) {
  TensorSet tensors;
  tensors.add("tok_emb.weight", test::bell_matrix(96, 48, 0.3, 1));
  tensors.add("blocks.0.attn.c_q.weight", test::bell_matrix(48, 48, 0.1, 2));
  tensors.add("blocks.0.mlp.fc.weight", test::bell_matrix(96, 48, fc_deviation, 3));
  return tensors;
}

Calibration calibration() {
  TensorSet file;
  for (const char* name : {"blocks.0.attn.c_q.weight", "blocks.0.mlp.fc.weight"}) {
    file.add(name, test::hessian_of(48));
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
  EXPECT_EQ(quantizer.tunable_weights(), 96U * 48 + 48 * 48 + 96 * 48);
  const StoredModel stored = quantizer.quantize(0.25);
  EXPECT_NEAR(stored.tensors[0].grid.step, 0.25 * 0.3 / 8, 0.001) << "embeddings: importance 64";
  EXPECT_NEAR(stored.tensors[1].grid.step, 0.25 * 0.1, 0.002);
  EXPECT_NEAR(stored.tensors[2].grid.step, 0.25 * 2.0, 0.02);
  EXPECT_EQ(stored.tensors[2].grid.step, quantizer.quantize(0.5).tensors[2].grid.step / 2);
  EXPECT_EQ(quantizer.quantize().tensors[2].grid, quantizer.quantize(0.125).tensors[2].grid);
}

TEST(Quantizer, CalibratedTensorsGetFeedbackAndColumnSteps) {
  const TensorSet tensors = model();
  const Calibration statistics = calibration();
  const StoredModel stored = Quantizer(tensors, recipe("tcq"), {.calibration = &statistics}).quantize();
  EXPECT_FALSE(stored.tensors[0].grid.column_offsets) << "nothing is known of its inputs";
  EXPECT_TRUE(stored.tensors[1].grid.column_offsets);
  const StoredModel plain = Quantizer(tensors, recipe("tcq"), {}).quantize();
  EXPECT_FALSE(plain.tensors[1].grid.column_offsets);
  // The same level is the same relative output error, or better, whatever the inputs.
  const auto h = statistics.of("blocks.0.mlp.fc.weight").hessian;
  const Tensor& weights = tensors.at("blocks.0.mlp.fc.weight");
  EXPECT_LT(test::output_error(weights, stored.tensors[2], h),
            test::output_error(weights, plain.tensors[2], h));
}

TEST(Quantizer, RelativeErrorFollowsTheStepsAndTheInputs) {
  const TensorSet tensors = model();
  const QuantRecipe ecsq = recipe("ecsq");
  const Quantizer plain(tensors, ecsq, {.overrides = {{"tok", "fp16"}}});
  // A step of s root mean squares errs by s²/12.
  EXPECT_NEAR(plain.nmse(plain.quantize(0.25)), 0.25 * 0.25 / 12, 3e-4);
  EXPECT_NEAR(plain.nmse(plain.quantize(0.5)), 0.5 * 0.5 / 12, 1e-3);
  const Calibration statistics = calibration();
  const Quantizer calibrated(tensors, ecsq, {.overrides = {{"tok", "fp16"}}, .calibration = &statistics});
  // Feedback and column steps make the error's energy what the level says, less what the damping feigns.
  const double error = calibrated.nmse(calibrated.quantize(0.25));
  EXPECT_LT(error, 0.25 * 0.25 / 12);
  EXPECT_GT(error, 0.7 * 0.25 * 0.25 / 12);
  const Quantizer floats(tensors, ecsq, {.overrides = {{".", "fp16"}}});
  EXPECT_EQ(floats.nmse(floats.quantize()), 0.0);
}

TEST(Quantizer, NumbersInSchemesAreNotTheLevels) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("tcq"),
                            {.overrides = {{"fc", "ecsq:0.5"}, {"tok", "int8-sd:20"}}});
  EXPECT_EQ(quantizer.tunable_weights(), 48U * 48);
  const StoredModel stored = quantizer.quantize(0.001);
  EXPECT_EQ(stored.tensors[0].scheme(), "int8");
  EXPECT_EQ(stored.tensors[1].scheme(), "tcq");
  EXPECT_EQ(stored.tensors[2].scheme(), "ecsq");
  EXPECT_NEAR(stored.tensors[2].grid.step, 0.5 * 2.0, 0.04);
}

TEST(Quantizer, FeedbackKeepsTheStepsOfTheEntrysOwnScheme) {
  const TensorSet tensors = model();
  const Calibration statistics = calibration();
  const auto stored_by = [&](const std::string& scheme) {
    const QuantizeOptions options{.overrides = {{"blocks", scheme}}, .calibration = &statistics};
    return quantize(tensors, recipe("tcq"), options).tensors[2];
  };
  const auto h = statistics.of("blocks.0.mlp.fc.weight").hessian;
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
  const Calibration statistics = calibration();
  const StoredModel one = quantize(tensors, recipe("tcq"), {.calibration = &statistics, .threads = 1});
  const StoredModel four = quantize(tensors, recipe("tcq"), {.calibration = &statistics, .threads = 4});
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

/// The diagonal Fisher of every matrix: that of row r falls as 1/(r + 1).
Calibration with_gradients(const TensorSet& tensors) {
  TensorSet file;
  file.add("blocks.0.mlp.fc.weight", test::hessian_of(48));
  for (const auto& [name, tensor] : tensors) {
    Tensor squares = make_tensor(DType::kF32, {tensor.shape[0]});
    const auto values = squares.values<float>();
    for (size_t r = 0; r < values.size(); ++r) values[r] = 1e-3F / static_cast<float>(r + 1);
    file.add("diagonal_fisher:" + name, std::move(squares));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "1"}};
  return {std::move(file), "c"};
}

TEST(Quantizer, RowsThatTheLossMindsGetFinerSteps) {
  const TensorSet tensors = model(0.2);
  const Calibration gradients = with_gradients(tensors);
  const StoredModel stored = Quantizer(tensors, recipe("ecsq"), {.calibration = &gradients}).quantize(0.5);
  for (const StoredTensor& tensor : stored.tensors) {
    ASSERT_TRUE(tensor.grid.row_offsets) << tensor.name;
    const auto offsets = tensor.scales.values<int8_t>();
    // Steps go with 1/√(f + a twentieth of the mean f), in eighths of an octave.
    const auto rows = static_cast<size_t>(tensor.values.shape[0]);
    double mean = 0.0;
    for (size_t r = 0; r < rows; ++r) mean += 1.0 / static_cast<double>((r + 1) * rows);
    const double ratio = (1.0 + 0.05 * mean) / (1.0 / static_cast<double>(rows) + 0.05 * mean);
    EXPECT_NEAR(offsets[rows - 1] - offsets[0], 4 * std::log2(ratio), 1.01) << tensor.name;
  }
  EXPECT_TRUE(stored.tensors[2].grid.column_offsets);
  const QuantizeOptions by_columns{.overrides = {{"fc", "tcq+columns"}}, .calibration = &gradients};
  EXPECT_FALSE(Quantizer(tensors, recipe("ecsq"), by_columns).quantize(0.5).tensors[2].grid.row_offsets);
}

TEST(Quantizer, ExpectsTheLossToRiseWithTheGradientsAndTheErrors) {
  const TensorSet tensors = model(0.2);
  const Calibration gradients = with_gradients(tensors);
  const QuantizeOptions others_float{.overrides = {{"tok|fc", "fp16"}}, .calibration = &gradients};
  const Quantizer quantizer(tensors, recipe("ecsq"), others_float);
  const StoredModel stored = quantizer.quantize(0.5);
  const auto before = tensors.at("blocks.0.attn.c_q.weight").values<float>();
  const Tensor decoded = dequantize(stored.tensors[1]);
  double expected = 0.0;
  for (size_t i = 0; i < before.size(); ++i) {
    const auto error = static_cast<double>(decoded.values<float>()[i]) - static_cast<double>(before[i]);
    expected += error * error * 1e-3 / static_cast<double>(i / 48 + 1) / 2;
  }
  EXPECT_NEAR(quantizer.predicted_gap(stored).value(), expected, 1e-6 * expected);
  const Calibration statistics = calibration();
  const Quantizer blind(tensors, recipe("ecsq"), {.calibration = &statistics});
  EXPECT_FALSE(blind.predicted_gap(blind.quantize()));
}

TEST(Quantizer, GradientsLeaveALevelsMeaningAndMoveBytesToWhereTheyCount) {
  TensorSet tensors = model(0.2);
  Calibration gradients = with_gradients(tensors);
  const QuantizeOptions with{.overrides = {{".", "ecsq"}}, .calibration = &gradients};
  const StoredModel plain = Quantizer(tensors, recipe("ecsq"), {}).quantize();
  const StoredModel weighed = Quantizer(tensors, recipe("ecsq"), with).quantize();
  double sum = 0.0;
  for (size_t i = 0; i < 3; ++i) {
    sum += static_cast<double>(tensors.at(plain.tensors[i].name).elements()) *
           std::log2(static_cast<double>(weighed.tensors[i].grid.step / plain.tensors[i].grid.step));
  }
  // Second statistics move the unit of the last one a little: its energy is not that of white inputs.
  EXPECT_NEAR(sum / (96.0 * 48 + 48 * 48 + 96 * 48), 0.0, 0.1);
  // All gradients are alike, so steps are too, however large the weights.
  EXPECT_NEAR(weighed.tensors[0].grid.step / weighed.tensors[1].grid.step, 1.32, 0.02)
      << "the mean of 1/(r + 1) is smaller over 96 rows than over 48";
}

TEST(Quantizer, FitsTheRiseOfTheLoss) {
  const TensorSet tensors = model(0.2);
  const Calibration gradients = with_gradients(tensors);
  const Quantizer quantizer(tensors, recipe("tcq"), {.calibration = &gradients});
  StoredModel stored;
  for (const double limit : {1e-4, 3e-3}) {
    const GapFit fit = fit_to_gap(quantizer, limit, stored);
    EXPECT_EQ(fit.end, GapFit::End::kLanded);
    EXPECT_LE(fit.predicted_gap, limit);
    EXPECT_GE(fit.predicted_gap, limit * (1 - kGapWindow));
    EXPECT_EQ(quantizer.predicted_gap(stored), fit.predicted_gap);
    EXPECT_LE(fit.probes, 8);
  }
  EXPECT_EQ(fit_to_gap(quantizer, 1e-12, stored).end, GapFit::End::kUnreachable);
  EXPECT_EQ(fit_to_gap(quantizer, 1e12, stored).end, GapFit::End::kCoarsest);
  const Quantizer blind(tensors, recipe("tcq"), {});
  EXPECT_GOLF_ERROR(fit_to_gap(blind, 1.0, stored), ErrorCode::kInvalidArgument, "diagonal Fisher");
  const Quantizer fixed(tensors, recipe("baseline-int8"), {});
  EXPECT_GOLF_ERROR(fit_to_gap(fixed, 1.0, stored), ErrorCode::kInvalidArgument, "no tensor has steps");
}

TEST(Quantizer, RefusesWhatASchemeCannotHave) {
  TensorSet tensors = model();
  tensors.add("vector", make_tensor(DType::kF32, {100}));
  const auto refuse = [&](const std::string& scheme, const std::string& part) {
    EXPECT_GOLF_ERROR(quantize(tensors, recipe("ecsq"), {.overrides = {{"vector|c_q", scheme}}}),
                      ErrorCode::kInvalidArgument, part);
  };
  refuse("int6+gptq",
         "tensor \"blocks.0.attn.c_q.weight\", scheme int6: +gptq and +columns need the "
         "Hessian of its inputs: give it by --calibration");
  refuse("tcq",
         "tensor \"vector\", scheme tcq: a trellis, +gptq, +columns and +rows need a matrix, [100] found");
  const Calibration statistics = calibration();
  EXPECT_GOLF_ERROR(quantize(TensorSet(), recipe("tcq"), {.calibration = &statistics}), ErrorCode::kMismatch,
                    "collect the calibration from this model");
}

/// About what an entropy coder needs: order-0 entropy of each tensor of integers, 14 bits for a float16.
uint64_t entropy_bytes(const StoredModel& model) {
  double bits = 0.0;
  for (const StoredTensor& tensor : model.tensors) {
    if (tensor.values.dtype == DType::kF16) {
      bits += 14.0 * static_cast<double>(tensor.values.elements());
      continue;
    }
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
      EXPECT_TRUE(stored.tensors[0].values == quantizer.quantize(report.step_scale).tensors[0].values);
      EXPECT_LE(report.probes, 20) << "a window of two to four bytes";
      EXPECT_EQ(report.nmse, quantizer.nmse(stored));
    }
  }
}

TEST(Quantizer, EstimatesTheBytesWithoutQuantizing) {
  const TensorSet tensors = model();
  for (const char* name : {"ecsq", "tcq"}) {
    const Quantizer quantizer(tensors, recipe(name), {});
    const auto estimate = quantizer.estimated_bytes();
    for (const double scale : {0.01, 0.06, 0.25, 1.0}) {
      EXPECT_NEAR(estimate(scale) / static_cast<double>(entropy_bytes(quantizer.quantize(scale))), 1.0, 0.06)
          << name << " " << scale;
    }
    EXPECT_GT(estimate(0.1), estimate(0.1001));
  }
  const Quantizer quantizer(tensors, recipe("ecsq"), {});
  EXPECT_GT(quantizer.estimated_bytes({0})(0.25), quantizer.estimated_bytes()(0.25)) << "float16 takes more";
}

TEST(FitToBudget, TakesFewPackings) {
  TensorSet tensors;
  tensors.add("tok_emb.weight", test::bell_matrix(512, 128, 0.3, 1));
  tensors.add("blocks.0.attn.c_q.weight", test::bell_matrix(128, 128, 0.1, 2));
  tensors.add("blocks.0.mlp.fc.weight", test::bell_matrix(512, 128, 2.0, 3));
  for (const char* name : {"ecsq", "tcq"}) {
    const Quantizer quantizer(tensors, recipe(name), {});
    for (const uint64_t limit : {30'000, 50'000, 80'000, 110'000}) {
      StoredModel stored;
      const FitReport report = fit_to_budget(quantizer, limit, entropy_bytes, stored);
      EXPECT_EQ(report.end, FitReport::End::kLanded) << name << " " << limit;
      EXPECT_LE(report.probes, 8) << name << " " << limit;
    }
  }
}

TEST(FitToBudget, GivesWhatTheFinestStepsLeaveToFloat16) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("tcq"), {});
  StoredModel finest = quantizer.quantize(std::exp2(-9.0));
  const uint64_t over = entropy_bytes(finest);
  uint64_t weights = 0;
  for (const StoredTensor& tensor : finest.tensors) weights += tensor.values.elements();
  const uint64_t limit = (over + weights * 14 / 8) / 2;
  StoredModel stored;
  const FitReport report = fit_to_budget(quantizer, limit, entropy_bytes, stored);
  EXPECT_EQ(report.end, FitReport::End::kLanded);
  EXPECT_LE(report.bytes, limit);
  EXPECT_GE(static_cast<double>(report.bytes), static_cast<double>(limit) * (1 - kFitWindow));
  EXPECT_EQ(entropy_bytes(stored), report.bytes);
  EXPECT_LT(report.nmse, quantizer.nmse(finest));
  size_t found = 0;
  for (const StoredTensor& tensor : stored.tensors) found += tensor.values.dtype == DType::kF16 ? 1 : 0;
  EXPECT_EQ(found, report.float16_tensors);
  EXPECT_GT(found, 0U);
  EXPECT_LT(found, stored.tensors.size());
}

TEST(FitToBudget, SaysWhyItDidNotLand) {
  const TensorSet tensors = model();
  const Quantizer quantizer(tensors, recipe("ecsq"), {});
  StoredModel stored;
  const FitReport finest = fit_to_budget(quantizer, 1 << 20, entropy_bytes, stored);
  EXPECT_EQ(finest.end, FitReport::End::kFinest);
  EXPECT_EQ(finest.float16_tensors, stored.tensors.size()) << "all that there are";
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
