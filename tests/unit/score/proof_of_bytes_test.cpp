#include "golf/score/proof_of_bytes.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/formats/token_shard.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;

const std::string kMark = "\xE2\x96\x81";

SentencePieceVocab small_vocab() {
  return {{{"<unk>", 0, Kind::kUnknown},
           {"<s>", 0, Kind::kControl},
           {"<0xC3>", 0, Kind::kByte},
           {"<0xA9>", 0, Kind::kByte},
           {kMark + "the", 0, Kind::kNormal},
           {"er", 0, Kind::kNormal},
           {kMark + kMark, 0, Kind::kUserDefined}}};
}

TEST(DecodeText, DropsTheSpaceAtADocumentsStartOnly) {
  EXPECT_EQ(decode_text(small_vocab(), 1, std::vector<uint16_t>{4, 5, 4}), "theer the");
  EXPECT_EQ(decode_text(small_vocab(), 5, std::vector<uint16_t>{4, 1, 4}), " thethe");
  EXPECT_EQ(decode_text(small_vocab(), 1, std::vector<uint16_t>{2, 3, 4}), "\xC3\xA9 the");
}

TEST(DecodeText, RefusesATokenWithoutAPiece) {
  EXPECT_GOLF_ERROR(decode_text(small_vocab(), 1, std::vector<uint16_t>{7}), ErrorCode::kMismatch,
                    "token 7 has no piece");
}

TEST(DecodeText, RefusesABytePieceThatIsNone) {
  const SentencePieceVocab vocab{{{"<0xG1>", 0, Kind::kByte}}};
  EXPECT_GOLF_ERROR(decode_text(vocab, 0, std::vector<uint16_t>{0}), ErrorCode::kCorruptData, "byte piece");
}

TEST(ProveBytes, AgreesOnText) {
  const std::vector<uint16_t> stream = {1, 4, 5, 2, 3, 4, 1, 1, 4, 5, 0, 4};
  const ByteProof proof = prove_bytes(small_vocab(), make_token_bytes(small_vocab()), stream);
  EXPECT_TRUE(proof.agrees());
  EXPECT_EQ(proof.text_bytes, 3 + 2 + 1 + 1 + 4 + 3 + 2 + 3);
  EXPECT_EQ(proof.tokens, 12);
}

TEST(ProveBytes, NamesTheFirstPieceThatIsCountedWrongly) {
  // The reference's table counts a second space mark as three bytes.
  const std::vector<uint16_t> stream = {1, 4, 6, 4};
  const ByteProof proof = prove_bytes(small_vocab(), make_token_bytes(small_vocab()), stream);
  EXPECT_FALSE(proof.agrees());
  EXPECT_EQ(proof.first_difference, 1);
  EXPECT_EQ(proof.table_bytes - proof.text_bytes, 2);
  EXPECT_EQ(proof.differing_piece, kMark + kMark);
}

TEST(ProveBytes, HoldsForTheRealShard) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/fineweb";
  const SentencePieceVocab vocab = read_sentencepiece_vocab(folder + "/fineweb_1024_bpe.model");
  const auto stream = read_token_shard(folder + "/fineweb_val_000000.bin", 1024);
  const ByteProof proof = prove_bytes(vocab, make_token_bytes(vocab), stream);
  EXPECT_TRUE(proof.agrees()) << proof.differing_piece;
  EXPECT_EQ(proof.text_bytes, 315'949);
  EXPECT_EQ(proof.text_bytes,
            static_cast<int64_t>(decode_text(vocab, stream[0], std::span(stream).subspan(1)).size()));
}

}  // namespace
}  // namespace golf
