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

TEST(FingerprintShards, NamesFilesInReadingOrder) {
  const test::TempDir folder;
  const Bytes first = encode_token_shard(std::vector<uint16_t>{1, 2, 3});
  const Bytes second = encode_token_shard(std::vector<uint16_t>{4, 5});
  write_file_atomic(folder.file("val_1.bin"), second);
  write_file_atomic(folder.file("val_0.bin"), first);
  const auto prints = fingerprint_shards(folder.file("val_*.bin"), 10);
  ASSERT_EQ(prints.size(), 2U);
  EXPECT_EQ(prints[0].sha256, sha256_hex(first));
  EXPECT_EQ(prints[0].tokens, 3);
  EXPECT_EQ(prints[1].path, folder.file("val_1.bin"));
  EXPECT_EQ(prints[1].file_bytes, static_cast<int64_t>(second.size()));
}

TEST(DescribeScored, SaysWhereEveryTargetWent) {
  EXPECT_EQ(describe_scored(WindowPlan::sliding(11, 4, 2), 12), "scored 11 of 11 targets");
  EXPECT_EQ(describe_scored(WindowPlan::sliding(9, 4, 2, WindowPolicy::kPr88), 12),
            "scored 6 of 11 targets, 2 cut off at the end, the first 2 left out, 1 more left out");
  EXPECT_EQ(describe_scored(WindowPlan::sliding(10, 4, 2, WindowPolicy::kPr993), 11),
            "scored 10 of 10 targets, 2 repetitions");
}

}  // namespace
}  // namespace golf
