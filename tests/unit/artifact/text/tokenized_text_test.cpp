#include "golf/artifact/text/tokenized_text.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "small_tokenizer.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

class ShardFolder {
 public:
  void add(const std::string& name, const std::vector<uint16_t>& numbers) const {
    write_file_atomic(dir_.file(name), encode_token_shard(numbers));
  }
  TokenizedText read(int64_t max_tokens = 0) const {
    return read_text(find_shards(dir_.path()), test::small_tokenizer(), max_tokens);
  }

 private:
  test::TempDir dir_;
};

TEST(ReadText, JoinsShardsAndCountsOverTheirEnds) {
  const ShardFolder folder;
  folder.add("fineweb_val_000000.bin", {1, 4, 5});
  folder.add("fineweb_val_000001.bin", {4, 1, 4});
  const TokenizedText text = folder.read();
  EXPECT_EQ(text.tokens, (std::vector<uint16_t>{1, 4, 5, 4, 1, 4}));
  EXPECT_EQ(text.bytes, (std::vector<uint16_t>{0, 3, 2, 4, 0, 3}));
  EXPECT_EQ(text.byte_source, ByteSource::kTokenizer);
  EXPECT_EQ(text.view().document_starts(), (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(text.view().first(4).bytes_of_targets(), 9);
  ASSERT_EQ(text.shards.size(), 2U);
  EXPECT_EQ(text.shards[1].tokens, 3);
  EXPECT_EQ(folder.read(4).tokens.size(), 4U);
  EXPECT_EQ(folder.read(3).shards.size(), 1U);
}

TEST(ReadText, TakesTheBytesOfTheSidecarBesideEachShard) {
  const ShardFolder folder;
  folder.add("fineweb_val_000000.bin", {1, 7, 4});
  folder.add("fineweb_val_bytes_000000.bin", {0, 0, 3});
  const TokenizedText text = folder.read();
  EXPECT_EQ(text.byte_source, ByteSource::kSidecar);
  EXPECT_EQ(text.bytes, (std::vector<uint16_t>{0, 0, 3}));
  EXPECT_TRUE(text.shards[0].sidecar->path.ends_with("fineweb_val_bytes_000000.bin"));
  EXPECT_EQ(folder.read(2).bytes.size(), 2U);

  folder.add("fineweb_val_000001.bin", {1, 4});
  EXPECT_GOLF_ERROR(folder.read(), ErrorCode::kMismatch, "000001.bin: has no byte sidecar");
}

TEST(UncountableBytes, NamesUnknownPiecesByCount) {
  const Tokenizer tokenizer = test::small_tokenizer();
  const TokenizedText text = make_text({0, 4, 0, 5, 0}, tokenizer.bytes);
  EXPECT_EQ(
      uncountable_bytes(text, 4, tokenizer),
      "2 unknown pieces, whose bytes cannot be counted (the first is piece 0 \"<unk>\" at target 1): use a "
      "tokenizer with byte fallback, or a byte sidecar");
  EXPECT_EQ(uncountable_bytes(text, 1, tokenizer), "");  // those that are not scored do not matter
  EXPECT_GOLF_ERROR(require_countable_bytes(text, 4, tokenizer), ErrorCode::kMismatch, "2 unknown pieces");
}

TEST(UncountableBytes, NamesOperatorsWithoutASidecar) {
  const Tokenizer tokenizer = test::small_tokenizer();
  TokenizedText text = make_text({1, 7, 4, 7, 5}, tokenizer.bytes);
  const std::string reason = uncountable_bytes(text, 4, tokenizer);
  EXPECT_TRUE(reason.starts_with("2 user-defined pieces of a text transform")) << reason;
  EXPECT_NE(reason.find("piece 7, U+E001, at target 0"), std::string::npos) << reason;
  text.byte_source = ByteSource::kSidecar;
  EXPECT_EQ(uncountable_bytes(text, 4, tokenizer), "");
}

TEST(ReadTextReference, CountsTheCaseOpsTextByItsSidecar) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/fineweb_caseops";
  const Tokenizer tokenizer =
      read_tokenizer(folder + "/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model", 8192);
  const TokenizedText text = read_text(find_shards(folder), tokenizer);
  EXPECT_EQ(text.tokens.size(), 102'706U);
  EXPECT_EQ(text.byte_source, ByteSource::kSidecar);
  EXPECT_EQ(text.view().bytes_of_targets(), 315'950);
  EXPECT_EQ(text.view().document_starts().size(), 118U);
}

}  // namespace
}  // namespace golf
