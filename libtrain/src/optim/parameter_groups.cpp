#include "golf/train/optim/parameter_groups.h"

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {

std::vector<ParameterGroup> plan_parameter_groups(const ModelConfig& model, const OptimizerConfig& config) {
  ParameterGroup embedding{
      "embedding", OptimizerKind::kAdam, model.tie_embeddings ? config.tied_embed_lr : config.embed_lr, {}};
  ParameterGroup head{"head", OptimizerKind::kAdam, config.head_lr, {}};
  ParameterGroup matrices{"matrices", OptimizerKind::kMuon, config.matrix_lr, {}};
  ParameterGroup controls{"controls", OptimizerKind::kAdam, config.scalar_lr, {}};
  std::vector<std::string> outside_blocks;  // updated after the blocks' own

  for (const TensorInfo& row : tensor_inventory(model)) {
    if (row.role == TensorRole::kEmbedding) {
      embedding.parameters.push_back(row.name);
    } else if (row.role == TensorRole::kHead) {
      head.parameters.push_back(row.name);
    } else if (layer_of(row.name) < 0) {
      outside_blocks.push_back(row.name);
    } else if (row.shape.size() == 2 && row.role != TensorRole::kControl) {
      matrices.parameters.push_back(row.name);
    } else {
      controls.parameters.push_back(row.name);
    }
  }
  controls.parameters.insert(controls.parameters.end(), outside_blocks.begin(), outside_blocks.end());

  std::vector<ParameterGroup> groups;
  for (ParameterGroup* group : {&embedding, &head, &matrices, &controls}) {
    if (!group->parameters.empty()) groups.push_back(std::move(*group));
  }
  return groups;
}

}  // namespace golf
