#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/train/data/stream_loader.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

/// Shards that hold 0, 1, 2, … in order.
class CountingShards {
 public:
  explicit CountingShards(const std::vector<size_t>& lengths) {
    uint16_t next = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      std::vector<uint16_t> tokens(lengths[i]);
      std::iota(tokens.begin(), tokens.end(), next);
      next = static_cast<uint16_t>(next + lengths[i]);
      write_file_atomic(dir_.file("train_" + std::to_string(i) + ".bin"), encode_token_shard(tokens));
    }
  }
  ShardStream stream(int64_t vocab_size = 0) const { return {pattern(), vocab_size}; }
  std::string pattern() const { return dir_.file("train_*.bin"); }

 private:
  test::TempDir dir_;
};

using Tokens = std::vector<uint16_t>;

TEST(ShardStream, RunsOverShardEndsAndFromTheLastBackToTheFirst) {
  const CountingShards shards({3, 4, 2});
  ShardStream stream = shards.stream();
  EXPECT_EQ(stream.shard_count(), 3U);
  EXPECT_EQ(stream.take(2), (Tokens{0, 1}));
  EXPECT_EQ(stream.take(4), (Tokens{2, 3, 4, 5}));
  stream.skip(2);
  EXPECT_EQ(stream.take(12), (Tokens{8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1}));
  EXPECT_EQ(CountingShards({3}).stream().take(8), (Tokens{0, 1, 2, 0, 1, 2, 0, 1}));
}

TEST(ShardsDigest, TellsShardsOfOtherSizesOrNumberApartWhateverTheirFolder) {
  const std::string digest = shards_digest(find_shards(CountingShards({3, 4}).pattern()));
  EXPECT_EQ(digest.size(), 16U);
  EXPECT_EQ(digest, shards_digest(find_shards(CountingShards({3, 4}).pattern())));
  EXPECT_NE(digest, shards_digest(find_shards(CountingShards({4, 3}).pattern())));
  EXPECT_NE(digest, shards_digest(find_shards(CountingShards({3, 4, 2}).pattern())));
  EXPECT_GOLF_ERROR(find_shards("/nowhere/*.bin"), ErrorCode::kInvalidArgument, "no file matches");
}

TEST(ShardStream, ContinuesFromASavedPosition) {
  const CountingShards shards({3, 4});
  ShardStream first = shards.stream();
  first.take(5);
  ShardStream second = shards.stream();
  second.seek(first.position());
  EXPECT_EQ(second.take(9), first.take(9));
  EXPECT_GOLF_ERROR(second.seek({.shard = 2, .offset = 0}), ErrorCode::kMismatch, "shard 2 of 2");
  EXPECT_GOLF_ERROR(second.seek({.shard = 0, .offset = 4}), ErrorCode::kMismatch,
                    "data position 4 of 3 tokens");
}

TEST(ShardStream, RefusesTokensOutsideTheVocabulary) {
  EXPECT_GOLF_ERROR(CountingShards({8}).stream(7), ErrorCode::kMismatch, "train_0.bin");
}

TEST(StreamLoader, SpansOverlapInsideARowButNotBetweenMicroSteps) {
  const CountingShards shards({100});
  StreamLoader loader(shards.stream(), 8, 2, 2);
  EXPECT_EQ(loader.accumulation_steps(), 2);
  const TokenBatch first = loader.next();
  EXPECT_EQ(first.rows(), 2);
  EXPECT_TRUE(std::ranges::equal(first.inputs(0), Tokens{0, 1}));
  EXPECT_TRUE(std::ranges::equal(first.targets(0), Tokens{1, 2}));
  EXPECT_TRUE(std::ranges::equal(first.inputs(1), Tokens{2, 3}));
  EXPECT_TRUE(std::ranges::equal(first.targets(1), Tokens{3, 4}));
  EXPECT_EQ(loader.next().tokens, (Tokens{5, 6, 7, 8, 9}));
}

TEST(StreamLoader, RanksShareWhatOneProcessReadsInTheSameOrder) {
  const CountingShards shards({37, 5, 61});
  for (const int64_t world : {1, 2, 4, 8}) {
    StreamLoader alone(shards.stream(), 64, 8, 4);
    std::vector<StreamLoader> ranks;
    for (int64_t rank = 0; rank < world; ++rank) {
      ranks.emplace_back(shards.stream(), 64, 8, 4, RankInfo{.rank = rank, .world = world});
    }
    for (int micro_step = 0; micro_step < 20; ++micro_step) {
      for (StreamLoader& rank : ranks) EXPECT_EQ(rank.next().tokens, alone.next().tokens) << world;
    }
  }
}

TEST(StreamLoader, RefusesShapesThatDoNotDivide) {
  const CountingShards shards({100});
  EXPECT_GOLF_ERROR(StreamLoader(shards.stream(), 64, 8, 3), ErrorCode::kInvalidArgument,
                    "sequence length 3");
  EXPECT_GOLF_ERROR(StreamLoader(shards.stream(), 64, 8, 4, {.rank = 0, .world = 3}),
                    ErrorCode::kInvalidArgument, "must divide 8");
  EXPECT_GOLF_ERROR(StreamLoader(shards.stream(), 64, 8, 4, {.rank = 2, .world = 2}),
                    ErrorCode::kInvalidArgument, "rank 2 of 2");
}

TEST(StreamLoader, ReproducesTheReferenceOrder) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/common/";
  const Json order = read_json_file(folder + "loader_order.json");
  for (const Json& example : order.at("cases").as_array()) {
    const int64_t world = example.at("world_size").as_int();
    const auto& ranks = example.at("ranks").as_array();
    for (int64_t rank = 0; rank < world; ++rank) {
      StreamLoader loader(ShardStream(folder + "fineweb_train_00000[012].bin", 0),
                          example.at("global_tokens").as_int(),
                          world * example.at("grad_accum_steps").as_int(), example.at("seq_len").as_int(),
                          {.rank = rank, .world = world});
      for (const Json& expected : ranks[static_cast<size_t>(rank)].as_array()) {
        const TokenBatch batch = loader.next();
        EXPECT_EQ(batch.rows(), expected.at("shape").as_array()[0].as_int());
        EXPECT_EQ(batch.seq_len, expected.at("shape").as_array()[1].as_int());
        EXPECT_EQ(batch.tokens.front(), expected.at("x_first").as_int());
        EXPECT_EQ(batch.tokens.end()[-2], expected.at("x_last").as_int());
        EXPECT_EQ(batch.tokens.back(), expected.at("y_last").as_int());
        if (expected.at("x").is_null()) continue;
        Tokens x;
        for (const Json& token : expected.at("x").as_array())
          x.push_back(static_cast<uint16_t>(token.as_int()));
        x.push_back(batch.tokens.back());
        EXPECT_EQ(batch.tokens, x);
      }
    }
  }
}

}  // namespace
}  // namespace golf
