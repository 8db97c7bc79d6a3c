#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// What a tensor is for. Recipes choose schemes by it and golf-inspect groups by it.
enum class TensorRole { kEmbedding, kHead, kAttentionMatrix, kMlpMatrix, kTable, kControl, kOther };
std::string_view role_name(TensorRole role);

/// The role of a tensor by its upstream name; works without a ModelConfig.
TensorRole role_of(std::string_view name);
/// The layer in "blocks.LAYER.…", or -1 for a tensor outside the blocks.
int64_t layer_of(std::string_view name);
/// Whether the name contains one of upstream's control patterns (attn_scale, mlp_scale, resid_mix, q_gain,
/// skip_weight): kept as floats by the recipes and trained by Adam. Spec §4.
bool is_control_name(std::string_view name);

struct TensorInfo {
  std::string name;
  Shape shape;
  TensorRole role;
};

/// Every parameter of the model, in upstream's state-dict order: the single truth about names and shapes.
std::vector<TensorInfo> tensor_inventory(const ModelConfig& config);
std::vector<std::string> tensor_names(const ModelConfig& config);
int64_t parameter_count(const ModelConfig& config);

/// @throws Error kMismatch naming the first tensor that is missing, extra, mis-shaped or not floating,
/// with expected and found
void check_against_inventory(const TensorSet& tensors, const ModelConfig& config);
/// @throws Error kCorruptData naming the first tensor with a NaN or infinity
void check_finite(const TensorSet& tensors);

}  // namespace golf
