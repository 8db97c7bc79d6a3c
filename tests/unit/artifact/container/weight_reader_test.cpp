#include "golf/artifact/container/weight_reader.h"

#include <gtest/gtest.h>

#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/pack/pack.h"

namespace golf {
namespace {

Tensor ramp(const Shape& shape, float first) {
  std::vector<float> values(static_cast<size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), first);
  return from_f32(values, DType::kF32, shape);
}

/// Two layers in parameter banks, and a head that has the embedding's values.
TensorSet banked() {
  TensorSet tensors;
  tensors.add("tok_emb.weight", ramp({8, 4}, 0));
  tensors.add("qo_bank", ramp({4, 4, 4}, 100));
  tensors.add("kv_bank", ramp({4, 2, 4}, 200));
  tensors.add("mlp_up_bank", ramp({2, 8, 4}, 300));
  tensors.add("mlp_down_bank", ramp({2, 4, 8}, 400));
  tensors.add("lm_head.weight", ramp({8, 4}, 0));
  return tensors;
}

ModelFile packed(const TensorSet& tensors, const PackRequest& request) {
  const LoadedModel model = load_model(encode_safetensors(tensors), "banked", std::nullopt);
  return {.name = "packed", .bytes = pack(model, request).bytes};
}

TEST(WeightReader, GivesACheckpointAsItIs) {
  const TensorSet tensors = banked();
  const WeightReader reader({.name = "banked", .bytes = encode_safetensors(tensors)});
  ASSERT_EQ(reader.rows().size(), tensors.size());
  for (const auto& row : reader.rows()) EXPECT_EQ(reader.tensor(row.name), tensors.at(row.name)) << row.name;
}

TEST(WeightReader, GivesAnArtifactsTensorsAsLoadModelDoes) {
  for (const char* scheme : {"fp32", "int8", "ecsq:0.1"}) {
    const ModelFile file = packed(banked(), {.overrides = {{".", scheme}}, .codec = parse_codec("golf:3")});
    const WeightReader reader(file);
    const TensorSet expected = load_model(file, std::nullopt).own_tensors();
    ASSERT_EQ(reader.rows().size(), expected.size()) << scheme;
    size_t row = 0;
    for (const auto& [name, tensor] : expected) {
      EXPECT_EQ(reader.rows()[row].name, name);
      EXPECT_EQ(reader.rows()[row].shape, tensor.shape);
      EXPECT_EQ(reader.rows()[row++].dtype, tensor.dtype);
      EXPECT_EQ(reader.tensor(name), tensor) << scheme << ' ' << name;
    }
  }
}

TEST(WeightReader, RefusesNamesThatAreNotThere) {
  const WeightReader reader(packed(banked(), {}));
  EXPECT_THROW(reader.tensor("blocks.0.attn.c_q.weight"), Error);  // stands in a bank
  EXPECT_THROW(reader.tensor(""), Error);
}

}  // namespace
}  // namespace golf
