#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "golf/artifact/formats/sentencepiece_vocab.h"

namespace golf {

/// How many bytes of text each token stands for, given the token before it: the denominator of bits per byte,
/// as the challenge's programs compute it from the SentencePiece model.
///
/// A word-initial piece ("▁the") stands for a space and its letters. The space is counted only when the
/// token before it is text; after a control, unknown or unused piece (such as BOS) it is free.
/// Source: docs/SUBMISSIONS.md, upstream reference, Evaluation; docs/BPB.md.
struct TokenBytes {
  std::vector<int16_t> base_bytes;         ///< UTF-8 bytes without the leading space; 0 for control pieces
  std::vector<uint8_t> has_leading_space;  ///< the piece begins with U+2581
  std::vector<uint8_t> is_boundary;        ///< control, unknown, unused, or beyond the tokenizer's pieces
  /// The byte pieces E2, 96 and 81, that is U+2581: how a tokenizer without a bare "▁" writes a space.
  std::array<int32_t, 3> space_bytes = {-1, -1, -1};

  int64_t size() const { return static_cast<int64_t>(base_bytes.size()); }

  /// Bytes of `target` when it follows `previous`, each by itself. Both must be < size().
  int64_t of(uint16_t previous, uint16_t target) const {
    const bool space = has_leading_space[target] != 0 && is_boundary[previous] == 0;
    return base_bytes[target] + (space ? 1 : 0);
  }
};

/// The tables for max(pieces, `vocab_size`) ids; ids without a piece are boundaries of no bytes.
/// @throws Error kCorruptData when a piece is longer than 32,767 bytes
TokenBytes make_token_bytes(const SentencePieceVocab& vocab, int64_t vocab_size = 0);

/// Bytes of each token of a stream. The first one is counted as if a document began with it. The byte pieces
/// E2 96 81 are one space: its byte stands at the last of them, and it is free after a boundary as every
/// leading space is. Every token must be < size().
std::vector<uint16_t> bytes_of_tokens(const TokenBytes& table, std::span<const uint16_t> tokens);

/// Bytes of the text that tokens[1:] stand for; tokens[0] is context only. Every token must be < size().
int64_t count_bytes(const TokenBytes& table, std::span<const uint16_t> tokens);

}  // namespace golf
