#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/text/tokenizer.h"

namespace golf {

/// The bytes of each token as a sidecar has them: a file of a shard's form with a number for each token of
/// the shard beside it. Control pieces and operators must have 0 (an operator after the escape operator has
/// its own 3), and no piece may have fewer bytes than ASCII letters and digits, but for the few that
/// normalization makes of one character.
/// Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.
/// @throws Error kCorruptData, kMismatch when it belongs to another shard, naming the first token that says
/// so
std::vector<uint16_t> parse_byte_sidecar(ByteView file, const std::string& name,
                                         std::span<const uint16_t> tokens, const std::string& shard,
                                         const Tokenizer& tokenizer);

}  // namespace golf
