// A feature of one pair of files reaches everything that knows parameters.
#include <algorithm>

#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/parameter_init.h"
#include "golf/model/torch_tensors.h"
#include "support/error_matchers.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

ModelConfig biased(int64_t blocks = 2) {
  ModelConfig config = small_config();
  config.features.set("channel_bias", {{"start", 0.5}, {"blocks", blocks}});
  return config;
}

TensorInfo row_of(const std::string& name) {
  for (const TensorInfo& row : tensor_inventory(biased())) {
    if (row.name == name) return row;
  }
  ADD_FAILURE() << name << " is not in the inventory";
  return {};
}

TEST(MadeUpFeature, IsInTheInventoryWithRoleAndGroup) {
  EXPECT_EQ(row_of("channel_bias").shape, Shape{24});
  EXPECT_EQ(row_of("channel_bias").group, "controls");
  EXPECT_EQ(row_of("block_bias.1.weight").shape, (Shape{1, 24}));
  EXPECT_EQ(row_of("block_bias.1.weight").group, "side_projection");
  EXPECT_EQ(role_of("channel_bias"), TensorRole::kControl);
  EXPECT_EQ(role_of("block_bias.1.weight"), TensorRole::kTable);
  EXPECT_TRUE(is_control_name("channel_bias"));
  EXPECT_EQ(parameter_count(biased()), parameter_count(small_config()) + 3 * 24);
}

TEST(MadeUpFeature, IsReadFromAndWrittenToADocument) {
  const ModelSpec spec{.model = biased(), .eval = {}};
  EXPECT_EQ(to_json(spec).at("model").at("channel_bias").dump(), R"({"start":0.5,"blocks":2})");
  EXPECT_EQ(model_spec_from_json(to_json(spec), "t"), spec);
  EXPECT_GOLF_ERROR(validate(biased(9)), ErrorCode::kInvalidArgument, "model.channel_bias.blocks: 9");
  EXPECT_GOLF_ERROR(biased().features.set("channel_bais"), ErrorCode::kInvalidArgument,
                    "did you mean \"channel_bias\"?");
}

TEST(MadeUpFeature, HasItsInitialValuesAndActs) {
  Decoder model(biased()), without(small_config());
  init_parameters(model, {}, 3);
  init_parameters(without, {}, 3);
  const auto parameters = model->named_parameters();
  EXPECT_TRUE(parameters["channel_bias"].eq(2).all().item<bool>());
  EXPECT_TRUE(parameters["block_bias.1.weight"].eq(0).all().item<bool>());
  EXPECT_TRUE(at::equal(parameters["blocks.0.attn.c_q.weight"],
                        without->named_parameters()["blocks.0.attn.c_q.weight"]));

  const at::NoGradGuard no_grad;
  const torch::Tensor ids = random_ids(2, 5, biased());
  const torch::Tensor once = model->hidden(ids);
  EXPECT_GT(max_difference(once, without->hidden(ids)), 1e-2);
  torch::Tensor bias = parameters["block_bias.1.weight"];
  bias.copy_(at::linspace(-1, 1, 24).view({1, 24}));
  EXPECT_GT(max_difference(once, model->hidden(ids)), 1e-2) << "the bias of block 1 does nothing";
  EXPECT_EQ(to_tensor_set(model).size(), tensor_names(biased()).size());
}

}  // namespace
}  // namespace golf::test
