#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// A plain value out of a `torch.save` file: what an allow-listed pickle can hold. Nothing is ever called.
struct TorchValue {
  using List = std::vector<TorchValue>;                         ///< list or tuple
  using Dict = std::vector<std::pair<TorchValue, TorchValue>>;  ///< dict or OrderedDict, insertion order
  struct DTypeName {
    std::string name;  ///< "float32"
    bool operator==(const DTypeName&) const = default;
  };
  std::variant<std::monostate, bool, int64_t, double, std::string, Bytes, List, Dict, Tensor, DTypeName>
      value;
  bool is_tuple = false;         ///< for List
  bool is_ordered_dict = false;  ///< for Dict

  bool operator==(const TorchValue&) const = default;
  /// The member of a Dict with that string key, or null.
  const TorchValue* find(std::string_view key) const;
};

/// Whether the bytes look like a zip archive.
bool is_torch_file(ByteView bytes);
/// Reads a `torch.save` zip. The central directory is the truth; the pickle is matched against a closed list
/// of globals and builds plain values. Views become contiguous tensors. The root must be a dict. Rules and
/// limits: docs/INPUTS.md. @throws Error kCorruptData, kUnsupported
TorchValue parse_torch_file(ByteView bytes, const std::string& what);
/// Writes what `torch.load(weights_only=True)` accepts, byte for byte as torch 2.15 does for submissions'
/// dicts: zip stored, 64-byte aligned, protocol 2, `archive/` folder. Deterministic. The root must be a dict.
/// @throws Error kInvalidArgument, kUnsupported for what the reader would refuse.
/// Source: docs/SUBMISSIONS.md, Upstream reference, Artifact.
Bytes encode_torch_file(const TorchValue& root);

}  // namespace golf
