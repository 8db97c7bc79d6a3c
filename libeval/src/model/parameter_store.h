#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>
#include <vector>

#include "golf/artifact/spec/tensor_inventory.h"
#include "model/casted_linear.h"

namespace golf {

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
