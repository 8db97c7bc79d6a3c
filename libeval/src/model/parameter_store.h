#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "golf/artifact/spec/tensor_inventory.h"
#include "model/ops/int8_products.h"

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

  /// x [.., columns] times the transposed matrix → [.., rows], in the compute dtype, or as an int8 product in
  /// float32.
  /// @param nonnegative  x has no negative numbers, which int8 products make use of
  torch::Tensor project(const torch::Tensor& x, torch::ScalarType compute_dtype,
                        bool nonnegative = false) const;
  /// Rows of the table: ids int64 of any shape → float32 [ids.., columns].
  torch::Tensor lookup(const torch::Tensor& ids) const;

  /// Has products run in int8, on a CPU and without gradients: the matrix is quantized at the first one.
  /// Matrices of a few rows (gates) stay as they are.
  void use_int8() { int8_ = weight.size(0) >= kInt8Rows ? std::make_shared<Int8Slot>() : nullptr; }
  /// The quantized matrix; null before the first int8 product.
  const Int8Matrix* int8() const { return int8_ && int8_->matrix.outputs > 0 ? &int8_->matrix : nullptr; }

  torch::Tensor weight;  ///< [rows, columns]
  BoundWeightHook weight_hook;
  BoundProductHook product_hook;

 private:
  static constexpr int64_t kInt8Rows = 16;
  struct Int8Slot {
    std::once_flag once;
    Int8Matrix matrix;
  };

  torch::Tensor hooked_weight() const { return weight_hook ? weight_hook(weight) : weight; }

  std::shared_ptr<Int8Slot> int8_;
};
using CastedLinear = std::shared_ptr<CastedLinearImpl>;

/// The parameters of a model while it is built: sizes and first values come from the inventory, the parts of
/// the model take theirs by name, and at the end all are registered in the order of the inventory. Constants
/// have their values; everything that a generator draws is zero.
class ParameterStore {
 public:
  explicit ParameterStore(const ModelConfig& config);

  /// The parameter of that name. Names leave out the prefix of a wrapped transformer (parameter_prefix).
  torch::Tensor tensor(const std::string& name);
  /// The matrix "NAME.weight" as a linear layer or a lookup table.
  CastedLinear matrix(const std::string& name);
  bool has(const std::string& name) const { return find(name) != nullptr; }

  /// Registers everything in `root` and the modules that the names spell. A parameter that no part has taken
  /// is a programming error: a feature declares it but does not use it.
  void register_in(torch::nn::Module& root);

 private:
  struct Item {
    std::string name;
    torch::Tensor tensor;
    CastedLinear matrix;
    bool taken = false;
  };
  const Item* find(const std::string& name) const;
  Item& take(const std::string& name);

  std::string prefix_;
  std::vector<Item> items_;
};

}  // namespace golf
