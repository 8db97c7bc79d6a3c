#pragma once

#include <torch/nn/module.h>

#include <functional>

namespace golf {

/// A WeightHook bound to one matrix.
using BoundWeightHook = std::function<torch::Tensor(const torch::Tensor& weight)>;
/// A ProductHook bound to one matrix.
using BoundProductHook = std::function<void(const torch::Tensor& x, const torch::Tensor& y)>;

/// A float32 matrix used as a linear layer without bias, as an embedding table, or as both (a tied head).
/// It passes the weight hook and is cast to the compute dtype at every use.
class CastedLinearImpl : public torch::nn::Module {
 public:
  explicit CastedLinearImpl(torch::Tensor matrix);

  /// x [.., columns] times the transposed matrix → [.., rows], in the compute dtype.
  torch::Tensor project(const torch::Tensor& x, torch::ScalarType compute_dtype) const;
  /// Rows of the table: ids int64 of any shape → float32 [ids.., columns].
  torch::Tensor lookup(const torch::Tensor& ids) const;

  torch::Tensor weight;  ///< [rows, columns]
  BoundWeightHook weight_hook;
  BoundProductHook product_hook;

 private:
  torch::Tensor hooked_weight() const { return weight_hook ? weight_hook(weight) : weight; }
};
using CastedLinear = std::shared_ptr<CastedLinearImpl>;

}  // namespace golf
