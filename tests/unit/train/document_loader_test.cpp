#include "golf/train/data/document_loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Bounds = std::vector<int64_t>;
using Tokens = std::vector<uint16_t>;
constexpr int64_t kBos = 1;

/// Shards of the given tokens.
class DocumentShards {
 public:
  explicit DocumentShards(const std::vector<Tokens>& shards) {
    for (size_t i = 0; i < shards.size(); ++i) {
      write_file_atomic(dir_.file("train_" + std::to_string(i) + ".bin"), encode_token_shard(shards[i]));
    }
  }
  DocumentLoader loader(int64_t tokens, RankInfo ranks = {}) const {
    return {ShardStream(dir_.file("train_*.bin"), 0), kBos, tokens, /*grad_accum_steps=*/4, ranks};
  }

 private:
  test::TempDir dir_;
};

/// `count` tokens first, first + 1, …, with kBos in front.
Tokens document(uint16_t first, int count) {
  Tokens tokens(static_cast<size_t>(count) + 1, kBos);
  std::iota(tokens.begin() + 1, tokens.end(), first);
  return tokens;
}

Tokens operator+(Tokens a, const Tokens& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(DocumentLoader, StartsAtTheFirstDocumentAndDropsTheRestOfAShard) {
  const DocumentShards shards({Tokens{7, 8, 9} + document(100, 12), document(200, 6)});
  DocumentLoader loader = shards.loader(/*tokens=*/4);
  const TokenBatch first = loader.next();
  EXPECT_EQ(first.rows(), 1);
  EXPECT_TRUE(std::ranges::equal(first.inputs(0), Tokens{1, 100, 101, 102}));
  EXPECT_TRUE(std::ranges::equal(first.targets(0), Tokens{100, 101, 102, 103}));
  EXPECT_EQ(loader.next().tokens, (Tokens{104, 105, 106, 107, 108}));
  EXPECT_EQ(loader.next().tokens, (Tokens{1, 200, 201, 202, 203}));  // 109 to 111 are too few
  EXPECT_EQ(loader.next().tokens, first.tokens);
}

TEST(DocumentLoader, RanksTakeTheSpansOfOneMicroBatchEach) {
  const DocumentShards shards({document(100, 31), document(200, 43)});
  std::vector<DocumentLoader> ranks;
  for (int64_t rank = 0; rank < 4; ++rank) ranks.push_back(shards.loader(4, {.rank = rank, .world = 4}));
  EXPECT_EQ(ranks[0].next().tokens, (Tokens{1, 100, 101, 102, 103}));
  EXPECT_EQ(ranks[3].next().tokens, (Tokens{114, 115, 116, 117, 118}));
  EXPECT_EQ(ranks[0].position(), (DataPosition{.shard = 0, .offset = 20}));
  EXPECT_EQ(ranks[0].next().tokens, (Tokens{1, 200, 201, 202, 203}));  // 12 left tokens are under 20
  EXPECT_EQ(ranks[3].next().tokens, (Tokens{214, 215, 216, 217, 218}));
  EXPECT_EQ(ranks[0].accumulation_steps(), 1);
}

TEST(DocumentLoader, GoesOnFromASavedPosition) {
  const DocumentShards shards({document(100, 31), document(200, 43)});
  DocumentLoader first = shards.loader(6), second = shards.loader(6);
  for (int i = 0; i < 6; ++i) first.next();
  second.seek(first.position());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(second.next().tokens, first.next().tokens);
}

TEST(DocumentLoader, RefusesShardsWithoutDocumentsOrTooSmall) {
  EXPECT_GOLF_ERROR(DocumentShards({Tokens{5, 6, 7}}).loader(2), ErrorCode::kMismatch,
                    "train_0.bin: has no token 1 that begins a document");
  const DocumentShards small({document(100, 5), document(200, 3)});
  DocumentLoader loader = small.loader(6);
  EXPECT_GOLF_ERROR(loader.next(), ErrorCode::kMismatch, "has 7 tokens from its first document on");
  EXPECT_EQ(small.loader(5).next().tokens.size(), 6U);
}

TEST(DocumentBounds, AreDocumentsCutToTheLength) {
  const auto bounds = [](const Tokens& tokens, int64_t max_length) {
    return document_bounds(tokens, kBos, max_length);
  };
  EXPECT_EQ(bounds({5, 6, 7, 8, 9}, 0), (Bounds{0, 5}));
  EXPECT_EQ(bounds({5, 6, 7, 8, 9}, 2), (Bounds{0, 2, 4, 5}));
  EXPECT_EQ(bounds({1, 6, 7, 1, 9}, 0), (Bounds{0, 3, 5}));
  EXPECT_EQ(bounds({5, 1, 1, 8, 8, 8, 8}, 3), (Bounds{0, 1, 2, 5, 7}));
  EXPECT_EQ(bounds({5, 6, 7, 1}, 2), (Bounds{0, 2, 3, 4}));
  EXPECT_EQ(bounds({5, 6, 7, 8}, 4), (Bounds{0, 4}));
}

/// Bounds as the program pads them for its kernels: the total is repeated to a full bucket.
Bounds without_padding(const Json& padded) {
  Bounds bounds;
  for (const Json& bound : padded.as_array()) bounds.push_back(bound.as_int());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  return bounds;
}

TEST(DocumentBounds, ReproduceTheReferenceCases) {
  GOLF_NEED_REFERENCE_DATA();
  const Json cases = read_json_file(test::reference_data() + "/pr1855/cu_seqlens_cases.json");
  for (const Json& example : cases.as_array()) {
    Tokens tokens(static_cast<size_t>(example.at("total").as_int()), 5);
    for (const Json& place : example.at("bos").as_array()) tokens[place.as_uint()] = kBos;
    EXPECT_EQ(document_bounds(tokens, kBos, example.at("max_doc_len").as_int()),
              without_padding(example.at("cu_seqlens")));
  }
}

/// The shards of loader.json: parts of the one real training shard, which is [0, all) where none is named.
std::vector<Tokens> reference_shards(const Json& example) {
  const Tokens all =
      read_token_shard(test::reference_data() + "/fineweb_caseops/fineweb_train_000000.bin", 8192);
  if (example.find("shards") == nullptr) return {all};
  std::vector<Tokens> shards;
  for (const Json& text : example.at("shards").as_array()) {  // "train shard tokens [4100,7300)"
    const std::string range = text.as_string().substr(text.as_string().find('[') + 1);
    const auto first = static_cast<ptrdiff_t>(std::stoll(range));
    const auto end = static_cast<ptrdiff_t>(std::stoll(range.substr(range.find(',') + 1)));
    shards.emplace_back(all.begin() + first, all.begin() + end);
  }
  return shards;
}

TEST(DocumentLoader, ReproducesTheReferenceOrderAndBounds) {
  GOLF_NEED_REFERENCE_DATA();
  const Json file = read_json_file(test::reference_data() + "/pr1855/loader.json");
  int compared = 0;
  for (const auto& [name, example] : file.as_object()) {
    if (name.starts_with("calibration")) continue;
    const test::TempDir dir;
    int index = 0;
    for (const Tokens& tokens : reference_shards(example)) {
      write_file_atomic(dir.file("t" + std::to_string(index++) + ".bin"), encode_token_shard(tokens));
    }
    const int64_t world = example.at("world_size").as_int();
    const int64_t accumulation = example.at("grad_accum_steps").as_int();
    const Json* rank = example.find("rank");
    DocumentLoader loader(ShardStream(dir.file("t*.bin"), 8192), kBos,
                          example.at("global_tokens").as_int() / world / accumulation, world * accumulation,
                          {.rank = rank == nullptr ? 0 : rank->as_int(), .world = world});
    int64_t call = 0;
    for (const Json& expected : example.at("calls").as_array()) {
      for (; call < expected.at("call").as_int(); ++call) loader.next();
      ++call;
      const TokenBatch batch = loader.next();
      const auto sum = [](std::span<const uint16_t> tokens) {
        return std::accumulate(tokens.begin(), tokens.end(), uint64_t{0});
      };
      EXPECT_EQ(sum(batch.inputs(0)), expected.at("x_sum").as_uint()) << name << " call " << call;
      EXPECT_EQ(sum(batch.targets(0)), expected.at("y_sum").as_uint()) << name << " call " << call;
      EXPECT_EQ(document_bounds(batch.inputs(0), kBos, example.at("train_seq_len").as_int()),
                without_padding(expected.at("cu_seqlens")))
          << name << " call " << call;
      ++compared;
    }
  }
  EXPECT_GT(compared, 250);
}

}  // namespace
}  // namespace golf
