#include "golf/artifact/text/known_data.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "small_tokenizer.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Kind = TextIdentity::Kind;

/// A text of one shard that was read whole.
TokenizedText text_of(const std::string& path, TokenizedText::Counts counts) {
  TokenizedText text{.tokens = std::vector<uint16_t>(static_cast<size_t>(counts.tokens), 5)};
  text.bytes.resize(text.tokens.size());
  text.shards = {{{path, 0, "5ad"}, counts.tokens}};
  text.read = counts;
  return text;
}

KnownData small_data() {
  KnownData data;
  data.texts = {{.name = "the small split",
                 .role = "validation",
                 .pieces = 9,
                 .targets = 4096,
                 .documents = 7,
                 .bytes_per_token = 2.5}};
  return data;
}

TEST(KnownData, HasTheChallengesTokenizersAndValidationSplits) {
  const KnownData data = KnownData::load();
  ASSERT_NE(data.find_tokenizer("4f5e8adb109c66b4886963bc75a7befd73bda36d27fd7102df8e9e66503b0e2a"), nullptr);
  EXPECT_EQ(data.find_tokenizer("4f5e8adb109c66b4886963bc75a7befd73bda36d27fd7102df8e9e66503b0e2a")->name,
            "sp1024");
  EXPECT_EQ(data.find_tokenizer(""), nullptr);  // a tokenizer whose SHA-256 is not known
  int validation = 0;
  for (const KnownText& row : data.texts) validation += row.role == "validation" ? 1 : 0;
  EXPECT_EQ(validation, 4);
}

TEST(KnownData, GrowsByTheUsersFile) {
  const test::TempDir dir;
  const auto load = [&](std::string_view json) {
    write_file_atomic(dir.file("more.json"), as_bytes(json));
    return KnownData::load(dir.file("more.json"));
  };
  const KnownData data = load(R"({"texts": [{"name": "mine", "role": "training", "sha256": ["5ad"]}]})");
  const TextIdentity identity =
      identify_text(text_of("x.bin", {.tokens = 10}), test::small_tokenizer(), data);
  EXPECT_EQ(identity.kind, Kind::kTraining);
  EXPECT_EQ(identity.text(), "training text (known by its sha256)");
  EXPECT_GOLF_ERROR(load(R"({"texts": [{"name": "mine", "rol": "training"}]})"), ErrorCode::kInvalidArgument,
                    "did you mean \"role\"");
  EXPECT_GOLF_ERROR(load(R"({"texts": [{"name": "mine"}]})"), ErrorCode::kInvalidArgument,
                    "more.json: texts: role \"\" is not one of");
  EXPECT_GOLF_ERROR(load(R"({"text": []})"), ErrorCode::kInvalidArgument, "did you mean \"texts\"");
}

TEST(IdentifyText, KnowsASplitByItsNumbers) {
  const Tokenizer tokenizer = test::small_tokenizer();
  TokenizedText text = text_of("v.bin", {.tokens = 4200, .documents = 7, .bytes = 10'500});
  TextIdentity identity = identify_text(text, tokenizer, small_data());
  EXPECT_EQ(identity.kind, Kind::kWhole);
  EXPECT_EQ(identity.text(), "the small split, whole (known by its numbers of tokens, documents and bytes)");

  text.tokens.resize(100);
  identity = identify_text(text, tokenizer, small_data());
  EXPECT_EQ(identity.kind, Kind::kPrefix);
  EXPECT_TRUE(identity.text().starts_with("the first 100 tokens of the small split")) << identity.text();

  for (const TokenizedText::Counts& other :
       {TokenizedText::Counts{4000, 7, 10'000}, {4200, 8, 10'500}, {4200, 7, 10'600}}) {
    EXPECT_EQ(identify_text(text_of("v.bin", other), tokenizer, small_data()).kind, Kind::kUnknown);
  }
}

TEST(IdentifyText, KnowsAPartOfASplitByTheDigestsOfItsFirstShards) {
  KnownData data = small_data();
  data.texts[0].sha256 = {"5ad", "e1f"};
  TokenizedText text = text_of("v.bin", {.tokens = 50});
  EXPECT_EQ(identify_text(text, test::small_tokenizer(), data).text(),
            "the first 50 tokens of the small split (known by its sha256)");
  text.shards.push_back({{"w.bin", 0, "e1f"}, 50});
  EXPECT_EQ(identify_text(text, test::small_tokenizer(), data).kind, Kind::kWhole);
}

TEST(IdentifyText, KnowsTrainingTextByNameAndSize) {
  const Tokenizer tokenizer = test::small_tokenizer();
  EXPECT_EQ(identify_text(text_of("d/fineweb_train_000003.bin", {.tokens = 10}), tokenizer, {}).text(),
            "training text (known by its file name)");
  TokenizedText shard = text_of("x.bin", {.tokens = 10});
  shard.shards[0].tokens = 100'000'000;
  EXPECT_EQ(identify_text(shard, tokenizer, {}).kind, Kind::kTraining);
  EXPECT_EQ(identify_text(text_of("constrained.bin", {.tokens = 10}), tokenizer, {}).text(), "unknown");
}

TEST(IdentifyTextReference, NamesTheTokenizersAtHand) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string data = test::reference_data();
  const KnownData known = KnownData::load();
  const auto name = [&](const std::string& path) {
    return known.find_tokenizer(read_tokenizer(data + path, 0).file.sha256)->name;
  };
  EXPECT_EQ(name("/fineweb/fineweb_1024_bpe.model"), "sp1024");
  EXPECT_EQ(name("/fineweb8192/fineweb_8192_bpe.model"), "sp8192 of the ternary record");
  EXPECT_EQ(name("/fineweb_caseops/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model"),
            "sp8192 CaseOps v1");
}

}  // namespace
}  // namespace golf
