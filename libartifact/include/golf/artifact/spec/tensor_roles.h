#pragma once

#include <cstdint>
#include <string_view>

namespace golf {

/// What a tensor is for. Recipes choose schemes by it and golf-inspect groups by it.
enum class TensorRole { kEmbedding, kHead, kAttentionMatrix, kMlpMatrix, kTable, kControl, kGate, kOther };
std::string_view role_name(TensorRole role);

/// The role of a tensor by its upstream name, as the parameters' declarations say; works without a
/// ModelConfig. Controls are upstream's gains, scales and mixing weights, gates those that features bring
/// along; tables are lookup tables and their projections.
TensorRole role_of(std::string_view name);
/// The layer in "blocks.LAYER.…", or -1 for a tensor outside the blocks.
int64_t layer_of(std::string_view name);
/// Whether the name is one of upstream's control tensors (ParameterKind::keep_float): kept as floats by the
/// recipes and trained by Adam. Source: docs/SUBMISSIONS.md, upstream reference, Artifact.
bool is_control_name(std::string_view name);
/// Whether the tensor only serves training, so that a checkpoint may have it though the model does not:
/// the heads of multi-token prediction (mtp_heads.…; PRs 88, 262, 993).
bool is_train_only_name(std::string_view name);

}  // namespace golf
