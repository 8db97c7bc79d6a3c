#pragma once

#include <string>

#include "formats/torch/pickle_heap.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf::pickle {

/// The plain value that `root` stands for: shared parts copied, views made contiguous. `storages` are the
/// contents of heap.storages.
/// @throws Error kCorruptData: a cycle, nesting over limits::kPickleNesting, duplicate keys, or copies of
/// shared parts over the limits (checked before copying); kUnsupported: a value that is not plain
TorchValue to_plain_value(const Heap& heap, const std::vector<ByteView>& storages, Value root,
                          const std::string& what);

}  // namespace golf::pickle
