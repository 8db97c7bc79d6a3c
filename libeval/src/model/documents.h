#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// The documents that attention stays within, in the B·T positions of a pass counted row after row.
struct Documents {
  std::vector<int64_t> bounds;  ///< ascend from 0 to B·T; empty: each row is one document
  int64_t longest = 0;
  torch::Tensor on_device;  ///< the bounds as int32; undefined on the CPU

  bool are_rows() const { return bounds.empty(); }
};

/// @param cu_seqlens  bounds as a caller knows them; a document that runs past the end of a row is cut there
/// @throws Error kInvalidArgument unless they are empty or ascend from 0 to rows · length
Documents make_documents(std::span<const int64_t> cu_seqlens, int64_t rows, int64_t length,
                         torch::Device device);

}  // namespace golf
