#pragma once

#include <string>
#include <vector>

#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/torch/torch_file.h"

// PR 2135's file, PGRP version 2 (docs/PTZ.md, `PGRP` version 2), all little endian:
//   "PGRP"; u32 2; u32 n
//   n times, in the order of the full names as strings: u16 length, name; u32 rows; u32 columns; u16[rows]
//   order u8 method, 0 Brotli, 1 lrzip; u32 size, the matrices; u32 size, the other tensors
// Every matrix lies column by column, its rows in the order of the header. The other tensors are a torch file
// {w, m} under byte shuffle and Brotli.
namespace golf {

inline constexpr std::string_view kPgrpV2Layout = "pgrp_v2";
inline constexpr std::string_view kPgrpV2LrzipLayout = "pgrp_v2_lrzip";

/// The header and the two compressed parts; borrows the bytes.
struct PgrpV2 {
  struct Matrix {
    std::string key;  ///< "blocks.0.attn.c_q.weight.q"
    int64_t rows = 0, columns = 0;
    std::vector<uint16_t> order = {};
    uint64_t header_bytes = 0;
    uint64_t bytes() const { return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns); }
  };
  std::vector<Matrix> matrices = {};
  bool by_lrzip = false;
  ByteView codes = {}, rest = {};
};

bool is_pgrp_v2(ByteView bytes);
/// @throws Error kCorruptData naming the matrix or part: past the end, an order that is no permutation, names
/// out of order or twice, sizes over the limits, an unknown method, bytes after the end
PgrpV2 parse_pgrp_v2(ByteView bytes, const std::string& what);

Artifact decode_pgrp_v2(ByteView bytes, const std::string& what);
ArtifactSummary summarize_pgrp_v2(ByteView bytes, const std::string& what);
/// @throws Error kUnsupported for tensors that the layout cannot hold, and without lrzip for its layout
Bytes encode_pgrp_v2(const Artifact& artifact, int threads);

}  // namespace golf
