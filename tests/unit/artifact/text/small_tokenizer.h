#pragma once

#include <string>

#include "golf/artifact/text/tokenizer.h"

namespace golf::test {

inline const std::string kMark = "\xE2\x96\x81";

/// 0 "<unk>", 1 "<s>", 2 and 3 the bytes of é, 4 "▁the", 5 "er", 6 "▁▁", 7 and 8 the operators TITLE and ESC.
inline Tokenizer small_tokenizer() {
  using Kind = SentencePieceVocab::Kind;
  return make_tokenizer({{{"<unk>", 0, Kind::kUnknown},
                          {"<s>", 0, Kind::kControl},
                          {"<0xC3>", 0, Kind::kByte},
                          {"<0xA9>", 0, Kind::kByte},
                          {kMark + "the", 0, Kind::kNormal},
                          {"er", 0, Kind::kNormal},
                          {kMark + kMark, 0, Kind::kUserDefined},
                          {"\xEE\x80\x81", 0, Kind::kUserDefined},
                          {"\xEE\x80\x84", 0, Kind::kUserDefined}}});
}

}  // namespace golf::test
