#include "golf/artifact/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/formats/content.h"

namespace golf {

bool is_operator(const SentencePieceVocab::Piece& piece) {
  if (piece.kind != SentencePieceVocab::Kind::kUserDefined) return false;
  const uint32_t point = first_code_point(piece.text).value;
  return (point >= 0xE000 && point <= 0xF8FF) || point >= 0xF0000;
}

Tokenizer make_tokenizer(SentencePieceVocab vocab, int64_t vocab_size) {
  Tokenizer tokenizer{.vocab = std::move(vocab)};
  tokenizer.bytes = make_token_bytes(tokenizer.vocab, vocab_size);
  const auto& pieces = tokenizer.vocab.pieces;
  const auto start = std::find_if(pieces.begin(), pieces.end(), [](const SentencePieceVocab::Piece& piece) {
    return piece.kind == SentencePieceVocab::Kind::kControl && piece.text == "<s>";
  });
  if (start != pieces.end()) tokenizer.document_start = static_cast<uint16_t>(start - pieces.begin());
  return tokenizer;
}

Tokenizer read_tokenizer(const std::string& path, int64_t vocab_size) {
  const Bytes model = read_file(path);
  const auto other = model.empty() || model[0] == std::byte{0x0a} ? std::nullopt : name_content(model);
  if (other) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not a SentencePiece model: {}", display_name(path), *other));
  }
  SentencePieceVocab vocab = parse_sentencepiece_vocab(model, display_name(path));
  const auto pieces = static_cast<int64_t>(vocab.pieces.size());
  if (vocab_size != 0 && pieces != vocab_size) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: has {} pieces, the model's vocabulary {}: use the tokenizer that the model was "
                     "trained with",
                     display_name(path), pieces, vocab_size));
  }
  Tokenizer tokenizer = make_tokenizer(std::move(vocab), vocab_size);
  tokenizer.file = fingerprint(path, model);
  return tokenizer;
}

}  // namespace golf
