#include "golf/artifact/spec/model_config.h"

#include <gtest/gtest.h>

#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

TEST(ModelConfig, EveryPresetIsValidAndSurvivesJson) {
  for (const ModelPreset& preset : model_presets()) {
    validate(preset.spec.model);
    validate(preset.spec.eval);
    EXPECT_EQ(model_spec_from_json(to_json(preset.spec), "preset"), preset.spec) << preset.name;
  }
}

TEST(ModelConfig, NamesTheFieldThatIsWrong) {
  EXPECT_GOLF_ERROR(validate(ModelConfig{.num_heads = 7}), ErrorCode::kInvalidArgument,
                    "model.num_heads: 7 does not divide");
  EXPECT_GOLF_ERROR(validate(ModelConfig{.num_layers = 0}), ErrorCode::kInvalidArgument,
                    "model.num_layers: 0");
  EXPECT_GOLF_ERROR(validate(ModelConfig{.logit_softcap = 0}), ErrorCode::kInvalidArgument,
                    "model.logit_softcap");
  EXPECT_GOLF_ERROR(load_model_spec("basline"), ErrorCode::kInvalidArgument, "did you mean \"baseline\"?");
  EXPECT_GOLF_ERROR(model_spec_from_json(parse_json(R"({"model":{"num_layer":3}})", "t"), "m.json"),
                    ErrorCode::kInvalidArgument, "did you mean \"num_layers\"?");
}

TEST(TensorInventory, BaselineHasTheUpstreamParameterCount) {
  EXPECT_EQ(parameter_count(find_model_preset("baseline")->model), 17'059'912);
  EXPECT_EQ(tensor_inventory(ModelConfig{}).size(), 92U);
}

TEST(TensorInventory, MatchesTheStateDictOfTheReference) {
  GOLF_NEED_REFERENCE_DATA();
  const auto check = [](const std::string& file, const ModelConfig& config) {
    const Json json = read_json_file(test::reference_data() + "/reference/" + file);
    const auto inventory = tensor_inventory(config);
    const auto& expected = json.at("state_dict").as_array();
    ASSERT_EQ(inventory.size(), expected.size());
    for (size_t i = 0; i < inventory.size(); ++i) {
      EXPECT_EQ(inventory[i].name, expected[i].as_array()[0].as_string());
      Shape shape;
      for (const Json& dimension : expected[i].as_array()[1].as_array()) shape.push_back(dimension.as_int());
      EXPECT_EQ(inventory[i].shape, shape) << inventory[i].name;
    }
  };
  check("config.json", find_model_preset("baseline-tiny")->model);
  check("fullsize.json", find_model_preset("baseline")->model);
}

TEST(TensorInventory, RefusesMissingExtraAndMisshapenTensors) {
  const ModelConfig config{
      .vocab_size = 8, .num_layers = 2, .model_dim = 4, .num_heads = 2, .num_kv_heads = 1, .mlp_hidden = 4};
  TensorSet tensors;
  for (const TensorInfo& row : tensor_inventory(config))
    tensors.add(row.name, make_tensor(DType::kF32, row.shape));
  check_against_inventory(tensors, config);

  tensors.find("tok_emb.weight")->shape = {4, 8};
  EXPECT_GOLF_ERROR(check_against_inventory(tensors, config), ErrorCode::kMismatch,
                    "\"tok_emb.weight\": shape [8, 4] expected, [4, 8] found");
  tensors.find("tok_emb.weight")->shape = {8, 4};
  tensors.add("stray", make_tensor(DType::kF32, {1}));
  EXPECT_GOLF_ERROR(check_against_inventory(tensors, config), ErrorCode::kMismatch, "\"stray\"");
  EXPECT_GOLF_ERROR(check_against_inventory(TensorSet(), config), ErrorCode::kMismatch,
                    "\"skip_weights\" [1, 4] is missing");

  tensors.find("blocks.1.attn.q_gain")->values<float>()[1] = 1.0F / 0.0F;
  EXPECT_GOLF_ERROR(check_finite(tensors), ErrorCode::kCorruptData, "blocks.1.attn.q_gain");
}

TEST(TensorInventory, ReadsLayerAndRoleFromTheName) {
  EXPECT_EQ(layer_of("blocks.12.mlp.fc.weight"), 12);
  EXPECT_EQ(layer_of("gpt.blocks.3.attn_scale"), 3);
  EXPECT_EQ(layer_of("tok_emb.weight"), -1);
  EXPECT_EQ(layer_of("blocks.x"), -1);
  EXPECT_EQ(role_of("blocks.0.attn.q_gain"), TensorRole::kControl);
  EXPECT_EQ(role_of("blocks.0.attn.c_q.weight"), TensorRole::kAttentionMatrix);
}

}  // namespace
}  // namespace golf
