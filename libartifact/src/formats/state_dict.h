#pragma once

#include <string>
#include <vector>

#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// The state dict of a torch file, wherever it lies: see parse_checkpoint(). Adds to `notes` where it was
/// found unless it is the root.
/// @throws Error kUnsupported, kInvalidArgument
TensorSet find_state_dict(TorchValue root, const std::string& what, const std::string& key,
                          std::vector<std::string>& notes);

/// The tensors under the names of the bare model: see parse_checkpoint(). Adds to `notes` what was taken off.
/// @throws Error kCorruptData when two tensors would get one name
TensorSet without_wrappers(TensorSet tensors, std::vector<std::string>& notes);

}  // namespace golf
