#include "fuzz/seed_models.h"

#include <random>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf::fuzz {

ModelConfig seed_config() {
  return {
      .vocab_size = 24, .num_layers = 1, .model_dim = 8, .num_heads = 2, .num_kv_heads = 1, .mlp_hidden = 16};
}

TensorSet seed_weights() {
  std::mt19937 generator(3);
  TensorSet tensors;
  for (const TensorInfo& row : tensor_inventory(seed_config())) {
    Tensor tensor = make_tensor(DType::kF32, row.shape);
    for (float& value : tensor.values<float>()) {
      value = static_cast<float>(static_cast<int>(generator() % 257) - 128) / 1024.0F;
    }
    tensors.add(row.name, std::move(tensor));
  }
  return tensors;
}

Artifact seed_artifact(const std::string& recipe_name, const std::vector<SchemeOverride>& overrides) {
  QuantRecipe recipe = load_recipe(recipe_name);
  recipe.keep_float_max = 10;
  Artifact artifact;
  artifact.info.spec = ModelSpec{.model = seed_config(), .eval = {}};
  artifact.info.recipe = recipe.name;
  artifact.info.provenance = {{"tool", "fuzz"}};
  artifact.info.ptz_layout = recipe.ptz_layout;
  artifact.model = quantize(seed_weights(), recipe, {.overrides = overrides, .threads = 1});
  return artifact;
}

}  // namespace golf::fuzz
