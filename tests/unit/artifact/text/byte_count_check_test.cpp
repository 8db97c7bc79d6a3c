#include "golf/artifact/text/byte_count_check.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "small_tokenizer.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;
using test::kMark;
using test::small_tokenizer;

std::string decode(const SentencePieceVocab& vocab, const std::vector<uint16_t>& tokens,
                   bool from_start = true) {
  DocumentDecoder decoder(vocab, from_start);
  for (const uint16_t token : tokens) decoder.append(token);
  return decoder.text();
}

TEST(DocumentDecoder, DropsTheSpaceThatTheTokenizerPutAtTheStart) {
  const SentencePieceVocab vocab = small_tokenizer().vocab;
  EXPECT_EQ(decode(vocab, {1, 4, 5, 4}), "theer the");
  EXPECT_EQ(decode(vocab, {4, 5}, /*from_start=*/false), " theer");
  EXPECT_EQ(decode(vocab, {2, 3, 4}), "\xC3\xA9 the");
  EXPECT_EQ(decode(vocab, {6, 4}), "the");  // all leading spaces, as extra ones are removed
  EXPECT_EQ(decode(vocab, {4, 6}), "the  ");
}

TEST(DocumentDecoder, FollowsTheNormalizersFlags) {
  SentencePieceVocab vocab = small_tokenizer().vocab;
  vocab.removes_extra_spaces = false;
  EXPECT_EQ(decode(vocab, {6, 4}), "  the");  // only the first one was put there
  vocab.adds_leading_space = false;
  EXPECT_EQ(decode(vocab, {4}), " the");
}

TEST(DocumentDecoder, ReadsASpaceSpeltByBytePieces) {
  const SentencePieceVocab vocab{{{"<0xE2>", 0, Kind::kByte},
                                  {"<0x96>", 0, Kind::kByte},
                                  {"<0x81>", 0, Kind::kByte},
                                  {"a", 0, Kind::kNormal},
                                  {"<0x82>", 0, Kind::kByte},
                                  {"<0xAC>", 0, Kind::kByte}}};
  EXPECT_EQ(decode(vocab, {0, 1, 2, 3, 0, 1, 2, 3}), "a a");
  EXPECT_EQ(decode(vocab, {0, 4, 5, 0, 1, 2, 3}),
            "\xE2\x82\xAC a");  // another character does not begin a space
  DocumentDecoder decoder(vocab);
  decoder.append(0);
  EXPECT_TRUE(decoder.is_inside_character());
  decoder.append(4);
  decoder.append(5);
  EXPECT_FALSE(decoder.is_inside_character());
}

TEST(DocumentDecoder, RefusesATokenWithoutAPieceAndABytePieceThatIsNone) {
  EXPECT_GOLF_ERROR(decode(small_tokenizer().vocab, {9}), ErrorCode::kMismatch, "token 9 has no piece");
  const SentencePieceVocab vocab{{{"<0xG1>", 0, Kind::kByte}}};
  EXPECT_GOLF_ERROR(decode(vocab, {0}), ErrorCode::kCorruptData, "byte piece");
}

TEST(ByteCountCheck, AgreesOnText) {
  const Tokenizer tokenizer = small_tokenizer();
  const TokenizedText text = make_text({5, 4, 5, 2, 3, 4, 1, 1, 4, 5, 4}, tokenizer.bytes);
  const ByteCountCheck check = check_byte_count(text, tokenizer.vocab);
  EXPECT_TRUE(check.agrees());
  EXPECT_EQ(check.text_bytes, 4 + 2 + 1 + 1 + 4 + 3 + 2 + 4);
  EXPECT_EQ(check.documents, 3);
  EXPECT_EQ(check.tokens, 11);
}

TEST(ByteCountCheck, DoesNotTakeTheTablesWord) {
  const Tokenizer tokenizer = small_tokenizer();
  TokenizedText text = make_text({1, 4, 5, 1, 4, 5, 4}, tokenizer.bytes);
  text.bytes[5] = 9;
  const ByteCountCheck check = check_byte_count(text, tokenizer.vocab);
  EXPECT_FALSE(check.agrees());
  ASSERT_TRUE(check.first_difference);
  EXPECT_EQ(check.first_difference->document, 1);
  EXPECT_EQ(check.first_difference->target, 4);
  EXPECT_EQ(check.first_difference->counted_bytes - check.first_difference->text_bytes, 7);
}

TEST(ByteCountCheck, NamesTheFirstPieceThatIsCountedWrongly) {
  // The challenge's table counts a second space mark as three bytes.
  const Tokenizer tokenizer = small_tokenizer();
  const TokenizedText text = make_text({1, 4, 6, 4}, tokenizer.bytes);
  const ByteCountCheck check = check_byte_count(text, tokenizer.vocab);
  EXPECT_FALSE(check.agrees());
  EXPECT_EQ(check.first_difference->target, 1);
  EXPECT_EQ(check.first_difference->piece, kMark + kMark);
  EXPECT_EQ(check.counted_bytes - check.text_bytes, 2);
}

TEST(ByteCountCheck, ComparesASidecarWithTheTextThatTheOperatorsStandFor) {
  const Tokenizer tokenizer = small_tokenizer();
  TokenizedText text{.tokens = {1, 7, 4, 4, 8, 7}, .bytes = {0, 0, 4, 4, 0, 3}};
  text.byte_source = ByteSource::kSidecar;
  EXPECT_EQ(check_byte_count(text, tokenizer.vocab).text_bytes, 11);
  EXPECT_TRUE(check_byte_count(text, tokenizer.vocab).agrees());
  text.bytes[2] = 5;
  EXPECT_FALSE(check_byte_count(text, tokenizer.vocab).agrees());
}

TEST(ByteCountCheck, ComparesWholeDocumentsWithTheGivenText) {
  const Tokenizer tokenizer = small_tokenizer();
  TokenizedText text = make_text({5, 1, 4, 5, 1, 4, 4, 1, 4}, tokenizer.bytes);
  text.document_start = tokenizer.document_start;
  const ByteCountCheck good = check_byte_count(text, tokenizer.vocab, {"theer", "the the", "the end"});
  EXPECT_TRUE(good.agrees());
  EXPECT_EQ(good.documents, 2);  // the last is cut off
  EXPECT_EQ(good.text_bytes, 12);
  const ByteCountCheck other = check_byte_count(text, tokenizer.vocab, {"theer", "the  the", "the end"});
  EXPECT_FALSE(other.agrees());
  EXPECT_EQ(other.first_difference->document, 1);
  EXPECT_GOLF_ERROR(check_byte_count(text, tokenizer.vocab, {"theer"}), ErrorCode::kMismatch,
                    "1 documents, the tokens hold 2");
}

TEST(ReadDocuments, ArePerLine) {
  const test::TempDir dir;
  write_file_atomic(dir.file("t"), as_bytes("one\r\n\nthree"));
  EXPECT_EQ(read_documents(dir.file("t")), (std::vector<std::string>{"one", "", "three"}));
}

TEST(ByteCountCheckReference, HoldsForTheRealShards) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string data = test::reference_data();
  for (const auto& [folder, model] :
       {std::pair{"/fineweb", "/fineweb_1024_bpe.model"},
        std::pair{"/fineweb8192", "/fineweb_8192_bpe.model"},
        std::pair{"/fineweb_caseops", "/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model"}}) {
    const Tokenizer tokenizer = read_tokenizer(data + folder + model, 0);
    const TokenizedText text = read_text(find_shards(data + folder), tokenizer);
    const ByteCountCheck check = check_byte_count(text, tokenizer.vocab);
    EXPECT_TRUE(check.agrees()) << folder << " " << to_json(check).dump();
    EXPECT_NEAR(static_cast<double>(check.text_bytes), 315'950, 1);  // one text; the first token is context
    EXPECT_EQ(check.counted_bytes, check.text_bytes) << folder;
  }
}

}  // namespace
}  // namespace golf
