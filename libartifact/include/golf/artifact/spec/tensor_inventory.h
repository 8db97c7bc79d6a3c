#pragma once

#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/tensor_roles.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

struct TensorInfo {
  std::string name;
  Shape shape;
  TensorRole role;
};

/// Every parameter of the model, in the order of the entry's own state dict (with TensorOrder::kByBank: of
/// its artifact's dictionary): the single truth about names and shapes.
std::vector<TensorInfo> tensor_inventory(const ModelConfig& config);
std::vector<std::string> tensor_names(const ModelConfig& config);
int64_t parameter_count(const ModelConfig& config);

/// The same tensors without those that only served training (is_train_only_name).
TensorSet without_train_only(TensorSet tensors);
/// @throws Error kMismatch naming the first tensor that is missing, extra, mis-shaped or not floating,
/// with expected and found
void check_against_inventory(const TensorSet& tensors, const ModelConfig& config);
/// @throws Error kCorruptData naming the first tensor with a NaN or infinity
void check_finite(const TensorSet& tensors);

}  // namespace golf
