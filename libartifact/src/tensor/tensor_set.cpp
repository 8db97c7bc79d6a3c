#include "golf/artifact/tensor/tensor_set.h"

#include <fmt/format.h>

#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {

void TensorSet::add(std::string name, Tensor tensor) {
  if (!index_.emplace(name, tensors_.size()).second) {
    fail(ErrorCode::kCorruptData, fmt::format("tensor \"{}\" appears twice", printable(name)));
  }
  tensors_.push_back({std::move(name), std::move(tensor)});
}

const Tensor* TensorSet::find(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &tensors_[found->second].tensor;
}

Tensor* TensorSet::find(std::string_view name) {
  return const_cast<Tensor*>(std::as_const(*this).find(name));
}

const Tensor& TensorSet::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  fail(ErrorCode::kMismatch, fmt::format("tensor \"{}\" is missing", printable(name)));
}

uint64_t TensorSet::total_bytes() const {
  uint64_t total = 0;
  for (const auto& [name, tensor] : tensors_) total += tensor.bytes.size();
  return total;
}

void TensorSet::reorder(const std::vector<std::string>& names) {
  std::vector<NamedTensor> ordered;
  ordered.reserve(tensors_.size());
  std::vector<bool> taken(tensors_.size());
  const auto take = [&](size_t i) {
    if (taken[i]) return;
    taken[i] = true;
    ordered.push_back(std::move(tensors_[i]));
  };
  for (const std::string& name : names) {
    if (const auto found = index_.find(name); found != index_.end()) take(found->second);
  }
  for (size_t i = 0; i < tensors_.size(); ++i) take(i);
  tensors_ = std::move(ordered);
  for (size_t i = 0; i < tensors_.size(); ++i) index_[tensors_[i].name] = i;
}

}  // namespace golf
