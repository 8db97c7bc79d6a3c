#pragma once

#include <optional>
#include <span>
#include <vector>

#include "encode/golf/compression_levels.h"
#include "encode/golf/stream_history.h"

namespace golf {

/// A tensor's relation to others of its stream: the reference tensor whose rows correspond to its own; or,
/// without one (back 0), columns that it has in common with other tensors, such as all that read one residual
/// stream.
struct TensorRelation {
  bool transposed = false;  ///< the tensor
  ReferenceTensor reference = {};
  int slot = 0;  ///< for carried statistics
};

/// Finds, among the int8 tensors of a stream, those whose rows correspond: what enters hidden units and what
/// leaves them, values and outputs of attention heads. A relation holds from layer to layer, so the search
/// looks for products of columns that agree in two pairs of tensors of the same shapes at the same distance;
/// chance does not repeat itself. For a pair that does not occur again, two halves of the rows serve.
/// Relations that repeat get a slot for statistics, the strongest first.
std::vector<std::optional<TensorRelation>> find_relations(std::span<const Int8Tensor> tensors);

/// Chooses the model with which the tensor, which has values, takes the fewest bits, side information
/// counted. With a `relation` it may take a few bits more where later tensors learn from it. Deterministic:
/// integers only.
TensorModel search_model(const Int8Tensor& tensor, const CompressionLevel& level, int max_block_log,
                         const StreamHistory& history, const std::optional<TensorRelation>& relation);

}  // namespace golf
