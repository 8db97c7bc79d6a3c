#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/score/token_bytes.h"

namespace golf {

/// The text that `tokens` stand for, decoded as SentencePiece does: U+2581 is a space, byte pieces are their
/// byte, control pieces are nothing and end a document, a document's leading space is dropped. `previous` is
/// the token before them: when it is text, so is the leading space.
/// @throws Error kMismatch for a token without a piece
std::string decode_text(const SentencePieceVocab& vocab, uint16_t previous, std::span<const uint16_t> tokens);

/// Whether the tables' bytes, the denominator of bits per byte, are those of the text.
struct ByteProof {
  int64_t tokens = 0;       ///< of the stream; the first is context only
  int64_t table_bytes = 0;  ///< of all targets
  int64_t text_bytes = 0;   ///< length of their decoded text
  /// The first target at which the two disagree, and the piece that stands there.
  std::optional<int64_t> first_difference = {};
  std::string differing_piece = {};
  bool agrees() const { return !first_difference && table_bytes == text_bytes; }
};
Json to_json(const ByteProof& proof);
ByteProof prove_bytes(const SentencePieceVocab& vocab, const TokenBytes& table,
                      std::span<const uint16_t> stream);

}  // namespace golf
