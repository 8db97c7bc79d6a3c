#include "golf/score/proof_of_bytes.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

/// "<0x0A>" → '\n'.
char byte_of(const SentencePieceVocab::Piece& piece) {
  unsigned value = 0;
  const std::string& text = piece.text;
  const bool shaped = text.size() == 6 && text.starts_with("<0x") && text.back() == '>';
  if (!shaped || std::from_chars(text.data() + 3, text.data() + 5, value, 16).ptr != text.data() + 5) {
    fail(ErrorCode::kCorruptData,
         fmt::format("tokenizer: byte piece \"{}\": expected the form <0x0A>", printable(text)));
  }
  return static_cast<char>(value);
}

/// Appends the text of one token at a time.
class TextDecoder {
 public:
  TextDecoder(const SentencePieceVocab& vocab, uint16_t previous)
      : vocab_(vocab), document_start_(!is_text(piece_of(previous))) {}

  void append(uint16_t token, std::string& text) {
    const auto& piece = piece_of(token);
    if (!is_text(piece)) {
      document_start_ = true;
      return;
    }
    if (piece.kind == Kind::kByte) {
      text += byte_of(piece);
    } else {
      std::string_view rest = piece.text;
      if (document_start_ && rest.starts_with(kSpaceMark)) rest.remove_prefix(kSpaceMark.size());
      while (!rest.empty()) {
        const bool mark = rest.starts_with(kSpaceMark);
        text += mark ? ' ' : rest.front();
        rest.remove_prefix(mark ? kSpaceMark.size() : 1);
      }
    }
    document_start_ = false;
  }
  const SentencePieceVocab::Piece& piece_of(uint16_t token) const {
    if (token < vocab_.pieces.size()) return vocab_.pieces[token];
    fail(ErrorCode::kMismatch,
         fmt::format("token {} has no piece: the tokenizer has {}: give the shards' own", token,
                     vocab_.pieces.size()));
  }

 private:
  static bool is_text(const SentencePieceVocab::Piece& piece) {
    return piece.kind == Kind::kNormal || piece.kind == Kind::kUserDefined || piece.kind == Kind::kByte;
  }
  const SentencePieceVocab& vocab_;
  bool document_start_;
};

}  // namespace

std::string decode_text(const SentencePieceVocab& vocab, uint16_t previous,
                        std::span<const uint16_t> tokens) {
  std::string text;
  TextDecoder decoder(vocab, previous);
  for (const uint16_t token : tokens) decoder.append(token, text);
  return text;
}

ByteProof prove_bytes(const SentencePieceVocab& vocab, const TokenBytes& table,
                      std::span<const uint16_t> stream) {
  ByteProof proof{.tokens = static_cast<int64_t>(stream.size())};
  if (stream.empty()) return proof;
  TextDecoder decoder(vocab, stream.front());
  std::string text;
  for (size_t i = 1; i < stream.size(); ++i) {
    text.clear();
    decoder.append(stream[i], text);
    const auto of_text = static_cast<int64_t>(text.size());
    const int64_t of_table = table.of(stream[i - 1], stream[i]);
    proof.text_bytes += of_text;
    proof.table_bytes += of_table;
    if (of_text != of_table && !proof.first_difference) {
      proof.first_difference = static_cast<int64_t>(i) - 1;
      proof.differing_piece = printable(decoder.piece_of(stream[i]).text);
    }
  }
  return proof;
}

Json to_json(const ByteProof& proof) {
  Json json = Json::object({{"agrees", proof.agrees()},
                            {"tokens", proof.tokens},
                            {"table_bytes", proof.table_bytes},
                            {"text_bytes", proof.text_bytes}});
  if (proof.first_difference) {
    json["first_difference"] =
        Json::object({{"target", *proof.first_difference}, {"piece", proof.differing_piece}});
  }
  return json;
}

}  // namespace golf
