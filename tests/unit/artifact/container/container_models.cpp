#include "container_models.h"

#include <gtest/gtest.h>

#include <random>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf::test {

TensorSet random_weights(const ModelConfig& config) {
  std::mt19937 generator(17);
  TensorSet tensors;
  for (const TensorInfo& row : tensor_inventory(config)) {
    std::vector<float> values(static_cast<size_t>(element_count(row.shape)));
    // Sums of a few uniform numbers: std::normal_distribution differs between libraries.
    for (float& value : values) {
      int sum = -128;
      for (int i = 0; i < 4; ++i) sum += static_cast<int>(generator() % 65);
      value = static_cast<float>(sum) / 1024.0F;
    }
    tensors.add(row.name, make_tensor<float>(DType::kF32, row.shape, values));
  }
  return tensors;
}

ModelConfig small_config() {
  return {.vocab_size = 96,
          .num_layers = 2,
          .model_dim = 32,
          .num_heads = 4,
          .num_kv_heads = 2,
          .mlp_hidden = 64};
}

namespace {

/// One tensor with offsets of rows and columns, as a calibration and outliers make them.
void give_column_steps(StoredModel& model) {
  for (StoredTensor& tensor : model.tensors) {
    if (tensor.encoding != Encoding::kTrellis) continue;
    tensor.grid.row_offsets = tensor.grid.column_offsets = true;
    tensor.scales = make_tensor(DType::kI8, {tensor.values.shape[0] + tensor.values.shape[1]});
    int8_t offset = 0;
    for (int8_t& value : tensor.scales.values<int8_t>()) value = static_cast<int8_t>(offset++ % 7 - 3);
  }
}

}  // namespace

Artifact small_artifact() {
  QuantRecipe recipe = load_recipe("mixed-int6");
  recipe.keep_float_max = 100;
  Artifact artifact;
  artifact.info.spec = ModelSpec{.model = small_config(), .eval = {}};
  artifact.info.codec = parse_codec("zlib:9");
  artifact.info.recipe = recipe.name;
  artifact.info.provenance = {{"tool", "test"}};
  artifact.model = quantize(random_weights(small_config()), recipe,
                            {.overrides = {{"blocks.1.mlp.fc", "int4"},
                                           {"blocks.1.attn_scale", "int8"},
                                           {"blocks.1.attn.c_q", "ecsq"},
                                           {"blocks.1.attn.proj", "tcq"}}});
  give_column_steps(artifact.model);
  return artifact;
}

void expect_same_model(const StoredModel& found, const StoredModel& expected) {
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (size_t i = 0; i < found.tensors.size(); ++i) {
    const StoredTensor& a = found.tensors[i];
    const StoredTensor& b = expected.tensors[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.encoding, b.encoding) << a.name;
    EXPECT_EQ(a.bits, b.bits) << a.name;
    EXPECT_EQ(a.original_dtype, b.original_dtype) << a.name;
    EXPECT_TRUE(a.values == b.values) << a.name;
    EXPECT_TRUE(a.scales == b.scales) << a.name;
    EXPECT_EQ(a.grid, b.grid) << a.name;
  }
}

}  // namespace golf::test
