#include "golf/artifact/formats/sentencepiece_vocab.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;

/// One `pieces` field of a ModelProto: text, score 0.5 and type.
std::string piece(const std::string& text, int kind) {
  const std::string body = "\x0a" + std::string(1, static_cast<char>(text.size())) + text +
                           std::string("\x15\0\0\0\x3f\x18", 6) + static_cast<char>(kind);
  return "\x0a" + std::string(1, static_cast<char>(body.size())) + body;
}

SentencePieceVocab parse(const std::string& text) {
  return parse_sentencepiece_vocab(as_bytes(text), "t.model");
}

TEST(SentencePieceVocab, ReadsPiecesAndSkipsOtherFields) {
  const std::string trainer =
      std::string("\x12\x03") + "abc" + "\x18\x07" + "\x25" + "4bit" + "\x29" + "8bytes..";
  const auto vocab = parse(piece("<unk>", 2) + trainer + piece("\xe2\x96\x81the", 1) + piece("<0x41>", 6));
  ASSERT_EQ(vocab.pieces.size(), 3U);
  EXPECT_EQ(vocab.pieces[0].kind, Kind::kUnknown);
  EXPECT_EQ(vocab.pieces[1].text, "\xe2\x96\x81the");
  EXPECT_EQ(vocab.pieces[1].kind, Kind::kNormal);
  EXPECT_EQ(vocab.pieces[1].score, 0.5F);
  EXPECT_EQ(vocab.pieces[2].kind, Kind::kByte);
}

TEST(SentencePieceVocab, TakesTheKindAsNormalWhenItIsAbsent) {
  EXPECT_EQ(parse("\x0a\x03\x0a\x01x").pieces[0].kind, Kind::kNormal);
}

TEST(SentencePieceVocab, RefusesTruncationInsideAPiece) {
  const std::string whole = piece("<unk>", 2) + piece("ab", 1);
  const size_t first = piece("<unk>", 2).size();
  for (size_t size = 0; size < whole.size(); ++size) {
    if (size == first) continue;  // a shorter, complete file
    EXPECT_GOLF_ERROR(parse(whole.substr(0, size)), ErrorCode::kCorruptData, "t.model: ");
  }
}

TEST(SentencePieceVocab, RefusesWhatIsNotAModel) {
  EXPECT_GOLF_ERROR(parse(""), ErrorCode::kCorruptData, "no pieces");
  EXPECT_GOLF_ERROR(parse("\x0b"), ErrorCode::kCorruptData, "wire type 3");
  EXPECT_GOLF_ERROR(parse("PK\x03\x04"), ErrorCode::kCorruptData, "t.model: ");
  EXPECT_GOLF_ERROR(parse("{\"model\": {}}"), ErrorCode::kCorruptData, "wire type 3");
  EXPECT_GOLF_ERROR(parse(piece("a", 1) + "\x0a"), ErrorCode::kCorruptData, "truncated");
}

TEST(SentencePieceVocab, RefusesBadPieces) {
  EXPECT_GOLF_ERROR(parse(piece("", 1)), ErrorCode::kCorruptData, "without text");
  EXPECT_GOLF_ERROR(parse(piece("a", 7)), ErrorCode::kCorruptData, "piece type 7");
  EXPECT_GOLF_ERROR(parse(piece("a", 0)), ErrorCode::kCorruptData, "piece type 0");
  EXPECT_GOLF_ERROR(parse(piece("\xff", 1)), ErrorCode::kCorruptData, "not valid UTF-8");
  EXPECT_GOLF_ERROR(parse(piece("a", 1) + piece("a", 1)), ErrorCode::kCorruptData, "\"a\" appears twice");
  // The inner string claims two bytes more than its piece has.
  EXPECT_GOLF_ERROR(parse(std::string("\x0a\x03\x0a\x03x") + "yz"), ErrorCode::kCorruptData, "runs over");
  EXPECT_GOLF_ERROR(parse("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), ErrorCode::kCorruptData,
                    "truncated");
}

TEST(SentencePieceVocab, ReadsHowTheNormalizerTreatsSpaces) {
  const SentencePieceVocab usual = parse(piece("a", 1));
  EXPECT_TRUE(usual.adds_leading_space);
  EXPECT_TRUE(usual.removes_extra_spaces);
  const SentencePieceVocab other = parse(piece("a", 1) + std::string("\x1a\x07\x0a\x01n\x18\0\x20\0", 9));
  EXPECT_FALSE(other.adds_leading_space);
  EXPECT_FALSE(other.removes_extra_spaces);
  EXPECT_GOLF_ERROR(parse(piece("a", 1) + "\x1a\x05\x18"), ErrorCode::kCorruptData, "truncated");
}

TEST(SentencePieceVocab, ReadsTheChallengesTokenizer) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string path = test::reference_data() + "/fineweb/fineweb_1024_bpe.model";
  const auto vocab = parse_sentencepiece_vocab(read_file(path), path);
  ASSERT_EQ(vocab.pieces.size(), 1024U);
  for (int id = 0; id < 3; ++id) EXPECT_EQ(vocab.pieces[id].kind, Kind::kControl);
  EXPECT_EQ(vocab.pieces[3].kind, Kind::kUnknown);
  for (int id = 4; id < 260; ++id) EXPECT_EQ(vocab.pieces[id].kind, Kind::kByte);
  EXPECT_EQ(vocab.pieces[260].kind, Kind::kNormal);
  EXPECT_EQ(vocab.pieces[939].text, "\xe2\x96\x81");
}

}  // namespace
}  // namespace golf
