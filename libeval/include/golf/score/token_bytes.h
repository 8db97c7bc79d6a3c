#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golf/artifact/formats/sentencepiece_vocab.h"

namespace golf {

/// How many bytes of text each token stands for, given the token before it: the denominator of bits per byte.
///
/// A word-initial piece ("▁the") stands for a space and its letters. The space is paid for only when the
/// token before it is text; after a control, unknown or unused piece (such as BOS) it is free.
/// Source: spec reference §2.1, §2.2; docs/BPB.md.
struct TokenBytes {
  std::vector<int16_t> base_bytes;         ///< UTF-8 bytes without the leading space; 0 for control pieces
  std::vector<uint8_t> has_leading_space;  ///< the piece begins with U+2581
  std::vector<uint8_t> is_boundary;        ///< control, unknown, unused, or beyond the tokenizer's pieces

  int64_t size() const { return static_cast<int64_t>(base_bytes.size()); }

  /// Bytes of `target` when it follows `previous`. Both must be < size().
  int64_t of(uint16_t previous, uint16_t target) const {
    const bool space = has_leading_space[target] != 0 && is_boundary[previous] == 0;
    return base_bytes[target] + (space ? 1 : 0);
  }
};

/// The tables for max(pieces, `vocab_size`) ids; ids without a piece are boundaries of no bytes.
/// @throws Error kCorruptData when a piece is longer than 32,767 bytes
TokenBytes make_token_bytes(const SentencePieceVocab& vocab, int64_t vocab_size = 0);

/// Bytes of the text that tokens[1:] stand for; tokens[0] is context only. Every token must be < size().
int64_t count_bytes(const TokenBytes& table, std::span<const uint16_t> tokens);

}  // namespace golf
