#include "golf/train/run/step_cost.h"

#include <gtest/gtest.h>

#include "golf/train/config/train_config.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

/// 10¹² operations a step of a preset, as docs/SCALE.md lists them.
double operations_per_step(const char* preset) {
  const TrainConfig& config = test::train_preset(preset);
  return operations_per_token(config) * static_cast<double>(config.data.batch_tokens) / 1e12;
}

TEST(StepCost, CountsSixForEachMultipliedWeightAndTheAttention) {
  TrainConfig config;
  config.model = {
      .vocab_size = 10, .num_layers = 2, .model_dim = 8, .num_heads = 2, .num_kv_heads = 1, .mlp_hidden = 16};
  config.data.seq_len = 4;
  // A block: queries and projection 8·8 each, keys and values 4·8 each, the MLP 16·8 twice.
  const double block = 64 + 64 + 32 + 32 + 128 + 128, head = 80, attention = 4 * 8 * 2;
  EXPECT_EQ(operations_per_token(config), 6 * (2 * block + head + attention));
  config.mtp.heads = 2;
  EXPECT_EQ(operations_per_token(config), 6 * (2 * block + 3 * head + attention));
}

TEST(StepCost, OfThePresetsIsWhatTheDocumentationSays) {
  EXPECT_NEAR(operations_per_step("baseline"), 68.4, 0.05);
  EXPECT_NEAR(operations_per_step("pr88"), 97.1, 0.05);
  EXPECT_NEAR(operations_per_step("pr192"), 119.6, 0.05);
  EXPECT_NEAR(operations_per_step("pr262"), 131.4, 0.05);
  EXPECT_NEAR(operations_per_step("pr993"), 179.4, 0.05);
  EXPECT_NEAR(operations_per_step("pr1046"), 124.9, 0.05);
}

TEST(StepCost, KnowsThePeakOfSomeGpus) {
  EXPECT_EQ(bf16_peak("NVIDIA H100 80GB HBM3"), 989e12);
  EXPECT_EQ(bf16_peak("NVIDIA H100 PCIe"), 756e12);
  EXPECT_EQ(bf16_peak("NVIDIA H200"), 989e12);
  EXPECT_EQ(bf16_peak("NVIDIA A100-SXM4-80GB"), 312e12);
  EXPECT_EQ(bf16_peak("NVIDIA GeForce RTX 4090"), std::nullopt);
  EXPECT_EQ(bf16_peak(""), std::nullopt);
}

TEST(StepCost, UtilizationIsTheShareOfThePeak) { EXPECT_DOUBLE_EQ(utilization(1e6, 1e9, 8 * 500e12), 0.25); }

}  // namespace
}  // namespace golf
