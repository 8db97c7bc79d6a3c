#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// Typed access to the members of a torch dictionary whose keys are unique strings; every error is
/// kCorruptData and names the place. Borrows the value.
class DictReader {
 public:
  DictReader(const TorchValue& value, std::string place);

  const TorchValue* find(const std::string& key) const;
  const TorchValue& at(const std::string& key) const;
  const Tensor& tensor(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  int64_t integer(const std::string& key) const;
  /// A torch dtype's name.
  DType dtype(const std::string& key) const;
  /// The dictionary under `key`, an empty one when there is none.
  DictReader optional_dict(const std::string& key) const;
  /// The keys, in the dictionary's order.
  std::vector<std::string> names() const;
  size_t size() const { return dict_->size(); }

 private:
  std::string place_;
  const TorchValue::Dict* dict_ = nullptr;
  std::unordered_map<std::string, const TorchValue*> index_;
};

/// Building a dictionary: a string value, and a member under a string key.
TorchValue torch_text(std::string_view value);
void put(TorchValue::Dict& dict, std::string_view key, TorchValue value);

/// Fails with kCorruptData, "what: problem".
[[noreturn]] void fail_layout(const std::string& what, const std::string& problem);

/// Every tensor anywhere in the value, as it lies there; named by the keys that lead to it, "layers/0/q".
StoredModel list_tensors(const TorchValue& value);

}  // namespace golf
