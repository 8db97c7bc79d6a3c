#pragma once

#include <string>
#include <vector>

#include "golf/artifact/formats/torch/torch_file.h"

// The blobs of PR 1855 and its kin, as bytes (docs/PTZ.md, `PGRP` version 1):
// "PGRP", a u32 stream count, as many u32 lengths, then the streams. Seven groups of int8 matrices went
// through lrzip one by one, each matrix column by column and in some groups with its rows reordered;
// everything else is a torch file under brotli, and so are the row orders.
namespace golf {

/// One matrix of a group.
struct GroupMatrix {
  std::string key;  ///< "blocks.0.attn.c_q.weight.q"
  Shape shape;
  size_t stream = 0;
  bool reordered = false;

  uint64_t bytes() const { return static_cast<uint64_t>(element_count(shape)); }
  /// Of its rows' order, u16 each.
  uint64_t order_bytes() const { return reordered ? 2 * static_cast<uint64_t>(shape[0]) : 0; }
};

/// A blob taken apart, its groups still compressed; borrows its bytes.
struct GroupedBlob {
  std::vector<ByteView> streams = {};
  std::vector<GroupMatrix> matrices = {};  ///< in the order in which the row orders follow one another
  TorchValue::Dict rest = {};              ///< every other tensor under its key
  TorchValue kinds = {};                   ///< what each tensor is, as in the w/m dictionaries
  uint64_t rest_bytes = 0;                 ///< of the torch file that held them
};
inline constexpr size_t kRestStream = 7;
inline constexpr size_t kOrdersStream = 8;

bool is_grouped(ByteView bytes);
/// The streams. @throws Error kCorruptData
std::vector<ByteView> split_streams(ByteView bytes, const std::string& what);
/// @throws Error kCorruptData; kUnsupported when the blob is not made like PR 1855's
GroupedBlob read_grouped_blob(ByteView bytes, const std::string& what);
/// The matrices, in the blob's order, decompressed by the program lrzip, `threads` groups at a time.
/// @throws Error kUnsupported when it is not installed; kCorruptData
std::vector<Tensor> decode_matrices(const GroupedBlob& blob, const std::string& what, int threads);
/// The blob of a {w, m} dictionary, its groups compressed by lrzip, `threads` of them at a time.
/// @throws Error kUnsupported without lrzip, and when a group lacks a layer
Bytes encode_grouped_blob(TorchValue root, int threads);

}  // namespace golf
