#include "golf/artifact/pack/forecast.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

SizeForecast forecast(const std::string& model, const std::string& recipe) {
  return forecast_size(find_model_preset(model).value().model, {.recipe = load_recipe(recipe)});
}

// Sizes of the files that the records' logs name, without their code. PR 1855's is that of its comparison of
// codecs, where it took brotli. The recipes' codec here is brotli too.
TEST(Forecast, ComesWithinOnePercentOfWhatTheRecordsWeighed) {
  struct Record {
    const char* name;
    double bytes;
  };
  for (const auto& [name, bytes] : {Record{"pr1493", 15'975'300}, Record{"pr1855", 16'112'007}}) {
    const SizeForecast found = forecast(name, name);
    const double off = static_cast<double>(found.budget.artifact_bytes) / bytes - 1;
    std::printf("%s: %llu bytes forecast, %+.2f %%\n", name,
                static_cast<unsigned long long>(found.budget.artifact_bytes), 100 * off);
    EXPECT_LT(std::abs(off), 0.01) << name;
    EXPECT_EQ(found.codec, "brotli:11");
  }
}

TEST(Forecast, SaysBitsPerWeightBySchemeOfAllWeights) {
  const SizeForecast found = forecast("pr1493", "pr1493");
  uint64_t weights = 0;
  for (const ForecastPart& part : found.parts) weights += part.weights;
  EXPECT_EQ(weights, 35'944'536U);
  ASSERT_EQ(found.parts.size(), 3U);
  EXPECT_EQ(found.parts[0].scheme, "int6-sd:12.85");
  // A Gaussian of 31/12.85 steps: log2(31/12.85 · √(2πe)) = 3.317 bits, with brotli's 0.7 % and the scales.
  EXPECT_NEAR(found.parts[0].bits_per_weight(), 3.317 * 1.007 + 16.0 / 700, 0.02);
  EXPECT_EQ(found.parts[1].scheme, "int8-sd:20");
}

// Of made-up weights that are what the forecast assumes, through the real quantizer, codec and container.
TEST(Forecast, IsWhatGaussianWeightsTake) {
  const ModelSpec spec = find_model_preset("baseline-tiny").value();
  TensorSet tensors;
  uint64_t state = 7;
  const auto uniform = [&] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (static_cast<double>(state >> 11U) + 0.5) * 0x1p-53;
  };
  for (const TensorInfo& row : tensor_inventory(spec.model)) {
    Tensor tensor = make_tensor(DType::kF32, row.shape);
    for (float& value : tensor.values<float>()) {
      double sum = -6;  // twelve uniform values: as good as Gaussian
      for (int i = 0; i < 12; ++i) sum += uniform();
      value = static_cast<float>(0.05 * sum);
    }
    tensors.add(row.name, std::move(tensor));
  }
  for (const char* recipe : {"baseline-int8", "mixed-int6", "best"}) {
    PackRequest request{.recipe = load_recipe(recipe), .verify = false};
    if (std::string(recipe) == "best") request.codec = parse_codec("golf:1");
    const uint64_t real = pack({.tensors = tensors, .spec = spec}, request).bytes.size();
    const SizeForecast found = forecast_size(spec.model, request);
    EXPECT_NEAR(static_cast<double>(found.budget.artifact_bytes), static_cast<double>(real),
                0.04 * static_cast<double>(real))
        << recipe;
  }
}

TEST(Forecast, CountsTheCodeAndKnowsTheLimit) {
  PackRequest request{.recipe = load_recipe("pr1493")};
  const ModelConfig model = find_model_preset("pr1493").value().model;
  request.budget.code = {{"train_gpt.py", 16'594}};
  const uint64_t total = forecast_size(model, request).budget.total_bytes();
  EXPECT_EQ(total, forecast_size(model, {.recipe = request.recipe}).budget.total_bytes() + 16'594);
  EXPECT_TRUE(forecast_size(model, request).budget.fits());
  request.recipe = load_recipe("baseline-int8");
  EXPECT_FALSE(forecast_size(model, request).budget.fits());
}

}  // namespace
}  // namespace golf
