#pragma once

#include <vector>

#include "golf/artifact/formats/torch/torch_file.h"

namespace golf::pickle {

struct Pickle {
  Bytes bytes;
  std::vector<const Tensor*> storages;  ///< data of "data/0", "data/1", …; borrowed from the value
};

/// Protocol 2, opcode for opcode what CPython's pickler makes of the same dict under torch.save: memo entries
/// for everything but numbers, batches of 1,000 items. Equal keys share one string, as in the submissions'
/// dicts.
/// @throws Error kUnsupported for bytes, which protocol 2 has not; kInvalidArgument for a string or nesting
/// that the reader would refuse
Pickle write_pickle(const TorchValue& root);

}  // namespace golf::pickle
