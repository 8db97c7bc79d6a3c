#pragma once

#include <span>
#include <string>
#include <vector>

#include "encode/golf/entropy_coders.h"
#include "encode/plane_order.h"
#include "golf/artifact/base/bytes.h"

namespace golf {

/// Methods of codec golf (docs/FORMAT.md): streams are written by the last and read by all. Method 2 has wide
/// lanes, and may code the last row first.
inline constexpr int kFirstMethod = 1;
inline constexpr int kMethod = 2;
inline const LaneForm& lane_form(int method) { return method == kFirstMethod ? kNarrowLanes : kWideLanes; }

/// A stream of codec golf in its parts: the values of int8 tensors in interleaved lanes, everything else in
/// one range-coded run of bytes.
struct CodedStream {
  int method = kMethod;
  int lane_log = 0;
  std::vector<uint64_t> side_bytes = {};  ///< of each tensor
  std::vector<uint64_t> words = {};       ///< of each tensor; 0 unless it is an int8 tensor
  Bytes side = {};                        ///< side information: the tensors' bytes and four more
  Bytes lanes = {};                       ///< states and words; empty when there is no int8 tensor
};

/// An int8 tensor has elements of one byte, at least one of them.
bool is_int8(const StreamTensor& tensor);

/// `joined` holds the tensors one after another, row-major.
CodedStream encode_tensors(std::span<const StreamTensor> tensors, ByteView joined, int level);

/// Fills `joined`, which has room for exactly the tensors' bytes. @throws Error kCorruptData
void decode_tensors(std::span<const StreamTensor> tensors, const CodedStream& sizes, ByteView side,
                    ByteView lanes, const std::string& what, std::span<std::byte> joined);

}  // namespace golf
