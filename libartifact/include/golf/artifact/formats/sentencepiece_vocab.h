#pragma once

#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// What byte counting and decoding need of a SentencePiece `.model` file (a protobuf): its pieces and how it
/// treats spaces; no segmentation.
struct SentencePieceVocab {
  enum class Kind : int { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };
  struct Piece {
    std::string text;
    float score = 0;
    Kind kind = Kind::kNormal;
  };
  std::vector<Piece> pieces;
  bool adds_leading_space = true;    ///< NormalizerSpec.add_dummy_prefix
  bool removes_extra_spaces = true;  ///< NormalizerSpec.remove_extra_whitespaces
};

/// @throws Error kCorruptData naming the byte where the file is wrong
SentencePieceVocab parse_sentencepiece_vocab(ByteView bytes, const std::string& what);

}  // namespace golf
