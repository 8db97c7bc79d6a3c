#include "golf/artifact/text/token_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/error_matchers.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;

constexpr const char* kMark = "\xE2\x96\x81";

SentencePieceVocab small_vocab() {
  return {{{"<unk>", 0, Kind::kUnknown},
           {"<s>", 0, Kind::kControl},
           {"<0xC3>", 0, Kind::kByte},
           {"<0xA9>", 0, Kind::kByte},
           {std::string(kMark) + "the", 0, Kind::kNormal},
           {"er", 0, Kind::kNormal},
           {kMark, 0, Kind::kNormal},
           {std::string(kMark) + kMark + "x", 0, Kind::kNormal},
           {"\xC3\xA9", 0, Kind::kUserDefined},
           {"gone", 0, Kind::kUnused}}};
}

TEST(TokenBytes, FollowsTheRuleOfEachKindOfPiece) {
  const TokenBytes table = make_token_bytes(small_vocab(), 12);
  EXPECT_EQ(table.base_bytes, (std::vector<int16_t>{0, 0, 1, 1, 3, 2, 0, 4, 2, 0, 0, 0}));
  EXPECT_EQ(table.has_leading_space, (std::vector<uint8_t>{0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(table.is_boundary, (std::vector<uint8_t>{1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}));
}

TEST(TokenBytes, ChargesTheSpaceOnlyAfterText) {
  const TokenBytes table = make_token_bytes(small_vocab());
  EXPECT_EQ(table.of(5, 4), 4);  // "er" then " the"
  EXPECT_EQ(table.of(1, 4), 3);  // BOS then "the"
  EXPECT_EQ(table.of(0, 6), 0);
  EXPECT_EQ(table.of(2, 6), 1);
  EXPECT_EQ(table.of(4, 1), 0);
}

/// Text of a stream as SentencePiece writes it: U+2581 is a space, bytes are bytes, control pieces nothing.
std::string decode(const SentencePieceVocab& vocab, std::span<const uint16_t> tokens) {
  std::string text;
  for (const uint16_t id : tokens) {
    const auto& piece = vocab.pieces[id];
    if (piece.kind == Kind::kByte) text += static_cast<char>(std::stoi(piece.text.substr(3, 2), nullptr, 16));
    if (piece.kind != Kind::kNormal && piece.kind != Kind::kUserDefined) continue;
    for (size_t i = 0; i < piece.text.size();) {
      const bool mark = piece.text.compare(i, 3, kMark) == 0;
      text += mark ? ' ' : piece.text[i];
      i += mark ? 3 : 1;
    }
  }
  return text;
}

TEST(TokenBytes, AddUpToTheDecodedTextWhereNoPieceHasTwoMarks) {
  const SentencePieceVocab vocab = small_vocab();
  const TokenBytes table = make_token_bytes(vocab);
  const std::vector<uint16_t> ids = {2, 3, 4, 5, 6, 8};  // text only: every space is paid for
  std::mt19937 random(7);
  std::vector<uint16_t> stream = {5};
  for (int i = 0; i < 500; ++i) stream.push_back(ids[random() % ids.size()]);
  const std::string text = decode(vocab, std::span(stream).subspan(1));
  EXPECT_EQ(count_bytes(table, stream), static_cast<int64_t>(text.size()));
}

TEST(TokenBytes, DropTheSpaceAfterEveryDocumentStart) {
  const SentencePieceVocab vocab = small_vocab();
  const std::vector<uint16_t> stream = {5, 1, 4, 5, 4, 1, 6, 4};
  // Decoded " theer the" + "  the": two documents whose first space is free.
  EXPECT_EQ(count_bytes(make_token_bytes(vocab), stream),
            static_cast<int64_t>(decode(vocab, stream).size()) - 2 /* "er" is context */ - 2);
}

TEST(BytesOfTokens, AreTheTablesAfterEachPreviousToken) {
  const TokenBytes table = make_token_bytes(small_vocab());
  const std::vector<uint16_t> stream = {4, 4, 5, 1, 4, 2, 3, 6, 0, 6, 7};
  const std::vector<uint16_t> bytes = bytes_of_tokens(table, stream);
  EXPECT_EQ(bytes[0], 3);  // as if a document began
  for (size_t i = 1; i < stream.size(); ++i) EXPECT_EQ(bytes[i], table.of(stream[i - 1], stream[i])) << i;
}

TEST(BytesOfTokens, CountASpaceSpeltByBytePiecesOnce) {
  const SentencePieceVocab vocab{{{"<s>", 0, Kind::kControl},
                                  {"<0xE2>", 0, Kind::kByte},
                                  {"<0x96>", 0, Kind::kByte},
                                  {"<0x81>", 0, Kind::kByte},
                                  {"a", 0, Kind::kNormal}}};
  const TokenBytes table = make_token_bytes(vocab);
  // A document's leading space is free; between words it is one byte; other byte pieces stay bytes.
  EXPECT_EQ(bytes_of_tokens(table, std::vector<uint16_t>{0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 3, 1, 2}),
            (std::vector<uint16_t>{0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1}));
}

TEST(TokenBytes, RefusesAPieceThatInt16CannotHold) {
  const SentencePieceVocab vocab{{{std::string(40'000, 'a'), 0, Kind::kNormal}}};
  EXPECT_GOLF_ERROR(make_token_bytes(vocab), ErrorCode::kCorruptData, "piece 0 has 40000 bytes");
}

}  // namespace
}  // namespace golf
