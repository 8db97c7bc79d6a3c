#pragma once

#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/parameter_kind.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// A parameter of a model: what its ParameterKind says, with name and size.
struct TensorInfo {
  std::string name;
  Shape shape;
  TensorRole role;
  InitialValue initial;
  std::string_view group;  ///< which optimizer trains it, see ParameterKind
};

/// Every parameter of the model, in the order of the submission's own state dict (with parameter banks: of
/// its artifact's dictionary): the single truth about names and shapes.
std::vector<TensorInfo> tensor_inventory(const ModelConfig& config);
std::vector<std::string> tensor_names(const ModelConfig& config);
int64_t parameter_count(const ModelConfig& config);
/// The parameters that one forward pass uses, a block's counted once for each of its calls.
int64_t effective_parameter_count(const ModelConfig& config);
/// What stands before the names of the transformer's parameters: "" or "gpt." (PR 1046).
std::string parameter_prefix(const ModelConfig& config);

/// The same tensors without those that only served training (is_train_only_name).
TensorSet without_train_only(TensorSet tensors);
/// @throws Error kMismatch naming the first tensor that is missing, extra, mis-shaped or not floating,
/// with expected and found
void check_against_inventory(const TensorSet& tensors, const ModelConfig& config);
/// @throws Error kCorruptData naming the first tensor with a NaN or infinity
void check_finite(const TensorSet& tensors);

}  // namespace golf
