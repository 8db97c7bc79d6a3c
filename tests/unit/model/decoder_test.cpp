#include "golf/model/decoder.h"

#include <c10/core/InferenceMode.h>

#include <set>

#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "support/error_matchers.h"
#include "unit/model/plain_decoder.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

torch::Tensor logits_of(Decoder& model, const torch::Tensor& ids_BT) {
  return model->logits(model->hidden(ids_BT), ids_BT);
}

std::vector<ModelConfig> variants() {
  ModelConfig untied = small_config(), straight = small_config(), one_layer = small_config(),
              even = small_config(), ungrouped = small_config();
  untied.tie_embeddings = false;
  straight.unet_skips = false;
  one_layer.num_layers = 1;
  even.num_layers = 4;
  ungrouped.num_kv_heads = 4;
  return {small_config(), untied, straight, one_layer, even, ungrouped};
}

TEST(Decoder, ParametersEqualTheInventory) {
  std::vector<ModelConfig> configs = variants();
  for (const ModelPreset& preset : model_presets()) configs.push_back(preset.spec.model);
  for (ModelConfig& config : configs) {
    config.tensor_order = TensorOrder::kByLayer;  // see SavesInTheOrderOfTheInventory for the other
    const Decoder model(config);
    const std::vector<TensorInfo> inventory = tensor_inventory(config);
    const auto parameters = model->named_parameters();
    ASSERT_EQ(parameters.size(), inventory.size());
    for (size_t i = 0; i < inventory.size(); ++i) {
      EXPECT_EQ(parameters[i].key(), inventory[i].name);
      EXPECT_EQ(parameters[i].value().sizes().vec(), inventory[i].shape) << inventory[i].name;
      EXPECT_EQ(parameters[i].value().scalar_type(), torch::kFloat);
    }
    EXPECT_EQ(model->buffers().size(), 0U);
  }
}

TEST(Decoder, RefusesAnInvalidConfiguration) {
  ModelConfig config = small_config();
  config.num_heads = 5;
  EXPECT_GOLF_ERROR(Decoder{config}, ErrorCode::kInvalidArgument, "num_heads");
}

TEST(Decoder, LogitsAndGradientsEqualThePlainFloat64Implementation) {
  for (const ModelConfig& config : variants()) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(3, 11, config), targets = random_ids(3, 11, config);
    const auto parameters = double_parameters(model);
    const torch::Tensor expected = plain_decoder(parameters, config, ids);
    EXPECT_LT(max_difference(logits_of(model, ids), expected), 1e-4);

    mean_nll(expected, targets).backward();
    next_token_loss(model, model->hidden(ids), ids, targets).backward();
    for (const auto& parameter : model->named_parameters()) {
      const torch::Tensor gradient = parameters.at(parameter.key()).grad();
      if (!gradient.defined() || gradient.numel() == 0) continue;
      EXPECT_LT(max_difference(parameter.value().grad(), gradient),
                2e-5 * (1 + gradient.abs().max().item<double>()))
          << parameter.key() << " with " << config.num_layers << " layers";
    }
  }
}

TEST(Decoder, ALaterTokenNeverChangesAnEarlierLogit) {
  Decoder model = random_model(small_config());
  const at::NoGradGuard no_grad;
  const torch::Tensor ids = random_ids(2, 9, small_config());
  torch::Tensor changed = ids.clone();
  changed[1][5] = (changed[1][5] + 1) % 50;
  const torch::Tensor before = logits_of(model, ids), after = logits_of(model, changed);
  EXPECT_TRUE(at::equal(before[0], after[0])) << "another sequence changed";
  EXPECT_LT(max_difference(before[1].narrow(0, 0, 5), after[1].narrow(0, 0, 5)), 1e-6);
  EXPECT_GT(max_difference(before[1][5], after[1][5]), 1e-3);
  EXPECT_GT(max_difference(before[1][8], after[1][8]), 1e-5) << "the past does not reach the future";
}

TEST(Decoder, GroupedHeadsEqualRepeatedHeads) {
  ModelConfig repeated_config = small_config();
  repeated_config.num_kv_heads = 4;
  Decoder grouped = random_model(small_config()), repeated = random_model(repeated_config);
  const at::NoGradGuard no_grad;
  for (const auto& parameter : repeated->named_parameters()) {
    torch::Tensor source = grouped->named_parameters()[parameter.key()];
    if (source.sizes() != parameter.value().sizes()) {  // c_k, c_v: [2·6, 24] → [4·6, 24], each head twice
      source = source.view({2, 6, 24}).repeat_interleave(2, 0).reshape({24, 24});
    }
    torch::Tensor(parameter.value()).copy_(source);
  }
  const torch::Tensor ids = random_ids(2, 9, small_config());
  EXPECT_LT(max_difference(logits_of(grouped, ids), logits_of(repeated, ids)), 1e-5);
}

TEST(Decoder, ServesAnyLengthAndTrainingAfterInferenceMode) {
  Decoder model = random_model(small_config());
  const torch::Tensor ids = random_ids(1, 12, small_config());
  torch::Tensor whole;
  {
    const c10::InferenceMode inference;
    whole = logits_of(model, ids).clone();
  }
  EXPECT_LT(max_difference(logits_of(model, ids.narrow(1, 0, 7)), whole.narrow(1, 0, 7)), 1e-5);
  const torch::Tensor loss = next_token_loss(model, model->hidden(ids), ids, ids);
  EXPECT_NO_THROW(loss.backward());
}

TEST(Decoder, BFloat16StaysNearFloat32) {
  Decoder model = random_model(small_config());
  const torch::Tensor ids = random_ids(2, 16, small_config());
  const torch::Tensor exact = next_token_loss(model, model->hidden(ids), ids, ids);
  const torch::Tensor exact_logits = logits_of(model, ids);
  model->set_compute_dtype(torch::kBFloat16);
  EXPECT_EQ(model->hidden(ids).scalar_type(), torch::kFloat);
  const torch::Tensor rounded_logits = logits_of(model, ids);
  EXPECT_EQ(rounded_logits.scalar_type(), torch::kFloat);
  const double scale = exact_logits.abs().max().item<double>();
  EXPECT_GT(max_difference(rounded_logits, exact_logits), 0) << "bfloat16 was not used";
  EXPECT_LT(max_difference(rounded_logits, exact_logits), 0.05 * scale);

  const torch::Tensor rounded = next_token_loss(model, model->hidden(ids), ids, ids);
  EXPECT_NEAR(rounded.item<double>(), exact.item<double>(), 0.05 * exact.item<double>());
  rounded.backward();
  for (const torch::Tensor& parameter : model->parameters()) {
    EXPECT_EQ(parameter.grad().scalar_type(), torch::kFloat);
  }
  EXPECT_GOLF_ERROR(model->set_compute_dtype(torch::kHalf), ErrorCode::kInvalidArgument, "Half");
}

TEST(Decoder, TheWeightHookSeesEveryMatrixAndCarriesTheGradient) {
  Decoder model = random_model(small_config());
  const torch::Tensor ids = random_ids(2, 8, small_config());
  const torch::Tensor plain = logits_of(model, ids);
  std::set<std::string> seen;
  model->set_weight_hook([&](const std::string& name, const torch::Tensor& weight) {
    seen.insert(name);
    return name == "blocks.1.mlp.fc.weight" ? weight * 2 : weight;
  });
  const torch::Tensor hooked = logits_of(model, ids);
  std::set<std::string> matrices;
  for (const TensorInfo& row : tensor_inventory(small_config())) {
    if (row.role != TensorRole::kControl) matrices.insert(row.name);
  }
  EXPECT_EQ(seen, matrices);
  EXPECT_GT(max_difference(hooked, plain), 1e-3);
  hooked.sum().backward();
  EXPECT_GT(model->named_parameters()["blocks.1.mlp.fc.weight"].grad().norm().item<double>(), 0);

  model->set_weight_hook({});
  EXPECT_TRUE(at::equal(logits_of(model, ids), plain));
}

TEST(Decoder, SavesInTheOrderOfTheInventory) {
  const ModelConfig config = find_model_preset("pr993-tiny")->model;
  const TensorSet saved = to_tensor_set(Decoder(config));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : saved) names.push_back(name);
  EXPECT_EQ(names, tensor_names(config));
}

}  // namespace
}  // namespace golf::test
