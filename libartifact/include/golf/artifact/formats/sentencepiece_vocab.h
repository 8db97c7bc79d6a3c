#pragma once

#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The pieces of a SentencePiece `.model` file (a protobuf): what byte counting and decoding need, no
/// segmentation.
struct SentencePieceVocab {
  enum class Kind : int { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
  struct Piece {
    std::string text;
    float score = 0;
    Kind kind = Kind::kNormal;
  };
  std::vector<Piece> pieces;
};

/// @throws Error kCorruptData naming the byte where the file is wrong
SentencePieceVocab read_sentencepiece_vocab(const std::string& path);
SentencePieceVocab parse_sentencepiece_vocab(ByteView bytes, const std::string& what);

}  // namespace golf
