#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Tensors by unique name, in the order in which they were added: a checkpoint. The order is part of the
/// value, because the submissions' artifacts store tensors in state-dict order and their bytes depend on it.
class TensorSet {
 public:
  /// @throws Error kCorruptData when the name is taken
  void add(std::string name, Tensor tensor);
  const Tensor* find(std::string_view name) const;
  Tensor* find(std::string_view name);
  /// @throws Error kMismatch when there is no such tensor
  const Tensor& at(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  size_t size() const { return tensors_.size(); }
  bool empty() const { return tensors_.empty(); }
  uint64_t total_bytes() const;
  auto begin() const { return tensors_.begin(); }
  auto end() const { return tensors_.end(); }
  auto begin() { return tensors_.begin(); }
  auto end() { return tensors_.end(); }

  /// The same tensors with `names` first, in that order (those that exist); the others follow as they were.
  void reorder(const std::vector<std::string>& names);

  /// Free text that travels with a checkpoint (safetensors' __metadata__).
  std::map<std::string, std::string> metadata;

 private:
  std::vector<NamedTensor> tensors_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace golf
