#include "golf/model/parameter_init.h"

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/model/torch_tensors.h"
#include "support/reference_data.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

TEST(ParameterInit, EqualsUpstreamToTheBit) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string path = reference_data() + "/reference/init.safetensors";
  const TensorSet expected = parse_safetensors(read_file(path), path);
  Decoder model(find_model_preset("baseline-tiny")->model);
  init_parameters(model, {}, 1337);
  const TensorSet found = to_tensor_set(model);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : found) EXPECT_TRUE(tensor == expected.at(name)) << name;
}

TEST(ParameterInit, GivesEveryControlItsStartingValue) {
  Decoder model(small_config());
  init_parameters(model, {.qk_gain_init = 2.5}, 1);
  const auto parameters = model->named_parameters();
  EXPECT_TRUE(parameters["skip_weights"].eq(1).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.attn.q_gain"].eq(2.5).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.resid_mix"][0].eq(1).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.resid_mix"][1].eq(0).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.attn.proj.weight"].eq(0).all().item<bool>());
  EXPECT_TRUE(parameters["blocks.3.mlp.proj.weight"].eq(0).all().item<bool>());
  const double bound = 1 / std::sqrt(24.0);
  const torch::Tensor fc = parameters["blocks.3.mlp.fc.weight"].abs();
  EXPECT_LE(fc.max().item<double>(), bound);
  EXPECT_GT(fc.max().item<double>(), 0.9 * bound);
}

TEST(ParameterInit, DependsOnTheSeedAlone) {
  Decoder first(small_config()), second(small_config()), third(small_config());
  init_parameters(first, {}, 3);
  at::rand({100});  // the global generator has no part in it
  init_parameters(second, {}, 3);
  init_parameters(third, {}, 4);
  const torch::Tensor a = first->named_parameters()["tok_emb.weight"];
  EXPECT_TRUE(at::equal(a, second->named_parameters()["tok_emb.weight"]));
  EXPECT_FALSE(at::equal(a, third->named_parameters()["tok_emb.weight"]));
}

TEST(ParameterInit, DrawsAnUntiedEmbeddingWideAndZeroesTheHead) {
  ModelConfig config = small_config();
  config.tie_embeddings = false;
  Decoder model(config);
  init_parameters(model, {}, 3);
  EXPECT_NEAR(model->named_parameters()["tok_emb.weight"].std().item<double>(), 1.0, 0.1);
  EXPECT_TRUE(model->named_parameters()["lm_head.weight"].eq(0).all().item<bool>());
}

}  // namespace
}  // namespace golf::test
