#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "golf/artifact/spec/model_config.h"
#include "model/cast_matrix.h"

namespace golf {

/// The row of the hash table that each position reads: for tokens t and predecessor s,
/// ((36313·t) xor (27191·s)) mod (buckets − 1) in wrapping int32 arithmetic, the remainder never negative;
/// the last row for the first position of a sequence. ids int64 [B, T] → int32 [B, T].
torch::Tensor bigram_slots(const torch::Tensor& ids_BT, int64_t buckets);

/// A vector for each hashed pair of neighbouring tokens, projected to the model's width when it is narrower.
/// Sequences are windows: a document's border inside one is no border here.
class BigramHash {
 public:
  /// Registers its parameters in `owner`, under the entry's names.
  BigramHash(const ModelConfig& config, torch::nn::Module& owner);

  /// Float32 [B, T, D], without the weight it is added with.
  torch::Tensor vectors(const torch::Tensor& ids_BT, torch::ScalarType compute_dtype) const;
  /// The weights to add it with: one at the input (PRs 262, 993), or one for each layer (PR 192).
  const torch::Tensor& weights() const { return weights_; }
  bool at_every_layer() const { return at_every_layer_; }

 private:
  int64_t buckets_;
  bool at_every_layer_;
  torch::Tensor weights_;
  std::shared_ptr<CastMatrixImpl> embed_, proj_;  // proj_ null when embed_ is as wide as the model
};

}  // namespace golf
