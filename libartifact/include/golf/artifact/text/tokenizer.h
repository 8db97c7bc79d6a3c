#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/artifact/text/token_bytes.h"

namespace golf {

/// A SentencePiece model and what follows from it for the tokens of a shard.
struct Tokenizer {
  Fingerprint file = {};
  SentencePieceVocab vocab = {};
  TokenBytes bytes = {};
  /// The token before each document's first: the control piece "<s>", when there is one.
  std::optional<uint16_t> document_start = {};

  int64_t pieces() const { return static_cast<int64_t>(vocab.pieces.size()); }
};

/// @param vocab_size  ids of the model; 0: as many as the tokenizer has pieces
/// @throws Error naming the file; kMismatch when it has another number of pieces
Tokenizer read_tokenizer(const std::string& path, int64_t vocab_size);
Tokenizer make_tokenizer(SentencePieceVocab vocab, int64_t vocab_size = 0);

/// Whether a piece is an operator of a text transform, as CaseOps has them: user-defined, its first character
/// in a private-use area of Unicode. It stands for no text of its own.
bool is_operator(const SentencePieceVocab::Piece& piece);

}  // namespace golf
