#include "golf/artifact/spec/model_config.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
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

TEST(ModelConfig, NamesTheFeatureThatIsWrong) {
  const auto refused = [](const char* feature, const char* message) {
    const Json json = parse_json(std::string("{\"model\":{") + feature + "}}", "t");
    EXPECT_GOLF_ERROR(model_spec_from_json(json, "t"), ErrorCode::kInvalidArgument, message);
  };
  refused(R"("smear_gate":{"variant":"per_word"})", "\"per_word\" is not one of: per_channel, per_token");
  refused(R"("bigram_hash":{"buckets":1})", "model.bigram_hash.buckets: 1");
  refused(R"("value_embedding":{"layers":[]})", "names no layer");
  refused(R"("value_embedding":{"layers":[9]})", "model.value_embedding.layers: 9 is not between 0 and 8");
  refused(R"("value_embedding":{"layers":[3,3]})", "3 is out of order");
  refused(R"("exclusive_attention":{"last_n":10})", "model.exclusive_attention.last_n: 10");
  refused(R"("rotary":{"dims":7})", "model.rotary.dims: 7 is odd");
  refused(R"("rotary":{"dims":66})", "model.rotary.dims: 66");
  refused(R"("rotary":{"dims":2,"ntk_reference_length":8})", "more than 2 rotary dims");
  refused(R"("markov_mix":{"gate_temp":0})", "model.markov_mix.gate_temp");
  refused(R"("markov_mix":{"pairs":{"buckets":0}})", "model.markov_mix.pairs.buckets: 0");
  refused(R"("mlp_activation":"gelu")", "is not one of: relu2, leaky_relu2");
}

TEST(ModelConfig, ParityConfigurationsAreTheTinyPresets) {
  for (const char* system : {"pr88", "pr192", "pr262", "pr993", "pr1046"}) {
    const std::string name = system;
    EXPECT_EQ(load_model_spec(test::source_file("tests/parity/configs/" + name + ".json")),
              find_model_preset(name + "-tiny"));
  }
}

TEST(ModelConfig, WithoutFeaturesKeepsItsOldDocument) {
  for (const char* key : {"smear_gate", "rotary", "mlp_activation", "layer_scale", "tensor_order"}) {
    EXPECT_EQ(to_json(ModelConfig{}).find(key), nullptr) << key;
  }
}

TEST(TensorInventory, BaselineHasTheUpstreamParameterCount) {
  EXPECT_EQ(parameter_count(find_model_preset("baseline")->model), 17'059'912);
  EXPECT_EQ(tensor_inventory(ModelConfig{}).size(), 92U);
}

/// Rows {"name": …, "shape": […]} or ["name", […], …], without those that only serve training.
std::vector<std::pair<std::string, Shape>> state_dict(const Json& json) {
  std::vector<std::pair<std::string, Shape>> rows;
  for (const Json& row : json.at("state_dict").as_array()) {
    const std::string& name = (row.is_array() ? row.as_array()[0] : row.at("name")).as_string();
    if (is_train_only_name(name)) continue;
    Shape shape;
    for (const Json& size : (row.is_array() ? row.as_array()[1] : row.at("shape")).as_array()) {
      shape.push_back(size.as_int());
    }
    rows.emplace_back(name, shape);
  }
  return rows;
}

std::vector<std::pair<std::string, Shape>> inventory_rows(const ModelConfig& config) {
  std::vector<std::pair<std::string, Shape>> rows;
  for (const TensorInfo& row : tensor_inventory(config)) rows.emplace_back(row.name, row.shape);
  return rows;
}

TEST(TensorInventory, MatchesTheStateDictOfEverySystem) {
  GOLF_NEED_REFERENCE_DATA();
  for (const char* system : {"reference", "pr88", "pr192", "pr262", "pr1046"}) {
    const std::string folder = test::reference_data() + "/" + system;
    const std::string preset = system == std::string("reference") ? "baseline" : system;
    const Json full = read_json_file(folder + "/fullsize.json");
    const ModelConfig config = find_model_preset(preset)->model;
    EXPECT_EQ(inventory_rows(config), state_dict(full)) << preset;
    const int64_t mtp_parameters = preset == "pr88" ? 1024 * 512 : 0;
    EXPECT_EQ(parameter_count(config), full.at("param_count").as_int() - mtp_parameters) << preset;

    const Json tiny = read_json_file(folder + "/config.json");
    if (!tiny.find("state_dict")) continue;
    EXPECT_EQ(inventory_rows(find_model_preset(preset + "-tiny")->model), state_dict(tiny)) << preset;
  }
}

TEST(TensorInventory, MatchesTheSplitBanksOfPr993) {
  GOLF_NEED_REFERENCE_DATA();
  const Json full = read_json_file(test::reference_data() + "/pr993/fullsize.json");
  const ModelConfig config = find_model_preset("pr993")->model;
  EXPECT_EQ(parameter_count(config), full.at("param_count").as_int());
  std::vector<std::string> expected;
  for (const Json& row : full.at("unbanked").as_array()) expected.push_back(row.at("name").as_string());
  EXPECT_EQ(tensor_names(config), expected);
}

TEST(TensorInventory, MatchesTheFinalCheckpointOfEveryTinySystem) {
  GOLF_NEED_REFERENCE_DATA();
  for (const char* system : {"pr88", "pr192", "pr262", "pr1046"}) {
    const std::string path = test::reference_data() + "/" + system + "/final.safetensors";
    const LoadedModel loaded = load_model(path, find_model_preset(system + std::string("-tiny")));
    EXPECT_EQ(loaded.tensors.size(), tensor_names(loaded.spec->model).size());
  }
}

TEST(TensorInventory, ListsEveryFeatureWhereItsEntryHasIt) {
  ModelConfig config{
      .vocab_size = 8, .num_layers = 1, .model_dim = 4, .num_heads = 2, .num_kv_heads = 1, .mlp_hidden = 4};
  config.tie_embeddings = false;
  config.features = {{"smear_gate", {{"variant", "per_token"}}},
                     {"bigram_hash", {{"site", "every_layer"}, {"buckets", 16}, {"dim", 2}}},
                     {"value_embedding",
                      {{"dim", 2}, {"layers", Json::array({0})}}},  // as wide as the values: no projection
                     {"markov_mix", {{"pairs", Json::object({{"buckets", 32}})}}}};
  EXPECT_EQ(tensor_names(config), (std::vector<std::string>{"markov_temp",
                                                            "markov2_mix",
                                                            "gpt.skip_weights",
                                                            "gpt.smear_lambda",
                                                            "gpt.bigram_lambdas",
                                                            "gpt.tok_emb.weight",
                                                            "gpt.blocks.0.attn_scale",
                                                            "gpt.blocks.0.mlp_scale",
                                                            "gpt.blocks.0.resid_mix",
                                                            "gpt.blocks.0.attn.q_gain",
                                                            "gpt.blocks.0.attn.c_q.weight",
                                                            "gpt.blocks.0.attn.c_k.weight",
                                                            "gpt.blocks.0.attn.c_v.weight",
                                                            "gpt.blocks.0.attn.proj.weight",
                                                            "gpt.blocks.0.mlp.fc.weight",
                                                            "gpt.blocks.0.mlp.proj.weight",
                                                            "gpt.ve_shared.scale",
                                                            "gpt.ve_shared.embed.weight",
                                                            "gpt.ve_layer_scales.0",
                                                            "gpt.lm_head.weight",
                                                            "gpt.smear_gate.weight",
                                                            "gpt.bigram_embed.weight",
                                                            "gpt.bigram_proj.weight",
                                                            "markov.transition_logits",
                                                            "mix_proj.weight",
                                                            "mix_proj.bias",
                                                            "markov2.transition_logits"}));
  EXPECT_EQ(model_spec_from_json(to_json(ModelSpec{.model = config, .eval = {}}), "t").model, config);
}

TEST(TensorInventory, DropsWhatOnlyServedTraining) {
  TensorSet tensors;
  tensors.metadata["k"] = "v";
  for (const char* name : {"tok_emb.weight", "mtp_heads.0.weight", "not_mtp_heads.0.weight"}) {
    tensors.add(name, make_tensor(DType::kF32, {1}));
  }
  const TensorSet kept = without_train_only(tensors);
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_FALSE(kept.contains("mtp_heads.0.weight"));
  EXPECT_EQ(kept.metadata, tensors.metadata);
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
  EXPECT_EQ(role_of("bigram.embed.weight"), TensorRole::kTable);
  EXPECT_EQ(role_of("bigram.scale"), TensorRole::kGate);
  EXPECT_EQ(role_of("smear_gate.weight"), TensorRole::kGate);
  EXPECT_EQ(role_of("markov.transition_logits"), TensorRole::kTable);
}

}  // namespace
}  // namespace golf
