#include "golf/train/data/shuffled_loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

/// Shards whose token at i is (i · factor + summand) mod 8191.
class MadeUpShards {
 public:
  struct Rule {
    int64_t tokens, factor, summand;
  };
  explicit MadeUpShards(std::vector<Rule> rules) : rules_(std::move(rules)) {
    for (size_t k = 0; k < rules_.size(); ++k) {
      std::vector<uint16_t> tokens;
      for (int64_t i = 0; i < rules_[k].tokens; ++i) tokens.push_back(token(k, i));
      write_file_atomic(dir_.file("train_" + std::to_string(k) + ".bin"), encode_token_shard(tokens));
    }
  }
  uint16_t token(size_t shard, int64_t i) const {
    return static_cast<uint16_t>((i * rules_[shard].factor + rules_[shard].summand) % 8191);
  }
  std::vector<ShardFiles> files() const { return find_shards(dir_.file("train_*.bin")); }

 private:
  test::TempDir dir_;
  std::vector<Rule> rules_;
};

using Row = ShuffledLoader::Row;

TEST(ShuffledLoader, EveryRowOfAShardComesOnceBeforeItIsCutAnew) {
  const std::vector<uint64_t> sizes = {100, 41, 9};
  const MadeUpShards shards({{100, 1, 0}, {41, 1, 0}, {9, 1, 0}});
  ShuffledLoader loader(shards.files(), 8192, /*rows=*/1, /*grad_accum_steps=*/1, /*seq_len=*/8);
  std::vector<std::vector<uint64_t>> firsts(3);
  for (int i = 0; i < 200; ++i) {
    const Row row = loader.draw();
    firsts[row.shard].push_back(row.first);
  }
  for (size_t shard = 0; shard < 3; ++shard) {
    std::set<uint64_t> phases;
    const std::vector<uint64_t>& all = firsts[shard];
    for (size_t begin = 0; begin < all.size();) {
      const uint64_t phase = all[begin] % 8;  // below the length of a row
      const size_t rows = (sizes[shard] - 1 - phase) / 8;
      if (begin + rows > all.size()) break;
      std::set<uint64_t> expected;
      for (size_t k = 0; k < rows; ++k) expected.insert(phase + 8 * k);
      EXPECT_EQ(std::set<uint64_t>(all.begin() + static_cast<ptrdiff_t>(begin),
                                   all.begin() + static_cast<ptrdiff_t>(begin + rows)),
                expected);
      phases.insert(phase);
      begin += rows;
    }
    EXPECT_GE(phases.size(), shard == 2 ? 1U : 2U);  // nine tokens have room for one row alone
  }
}

TEST(ShuffledLoader, ABatchHoldsTheDrawnRowsEachWithItsTarget) {
  const MadeUpShards shards({{100, 3, 7}, {60, 5, 1}});
  ShuffledLoader reads(shards.files(), 8192, /*rows=*/3, 1, /*seq_len=*/8),
      draws(shards.files(), 8192, 3, 1, 8);
  for (int i = 0; i < 20; ++i) {  // several passes
    const TokenBatch batch = reads.next();
    ASSERT_EQ(batch.rows(), 3);
    for (int64_t r = 0; r < 3; ++r) {
      const Row row = draws.draw();
      for (int64_t t = 0; t < 8; ++t) {
        const auto place = static_cast<int64_t>(row.first) + t;
        EXPECT_EQ(batch.inputs(r)[static_cast<size_t>(t)], shards.token(row.shard, place));
        EXPECT_EQ(batch.targets(r)[static_cast<size_t>(t)], shards.token(row.shard, place + 1));
      }
    }
  }
}

TEST(ShuffledLoader, GoesOnFromASavedPositionForwardAndBack) {
  const MadeUpShards shards({{100, 3, 7}, {60, 5, 1}, {77, 2, 9}, {50, 2, 5}});
  const RankInfo ranks{.rank = 1, .world = 2};
  ShuffledLoader first(shards.files(), 8192, 2, 2, 8, ranks), second(shards.files(), 8192, 2, 2, 8, ranks);
  const DataPosition start = first.position();
  const TokenBatch begin = first.next();
  for (int i = 0; i < 30; ++i) first.next();
  EXPECT_EQ(first.position().offset, 62U);  // of both ranks
  second.seek(first.position());
  EXPECT_EQ(second.next().tokens, first.next().tokens);
  first.seek(start);
  EXPECT_EQ(first.next().tokens, begin.tokens);
  EXPECT_GOLF_ERROR(first.seek({.shard = 1, .offset = 0}), ErrorCode::kMismatch, "data position: shard 1");
}

TEST(ShuffledLoader, RefusesWhatCannotBeDrawnFrom) {
  const MadeUpShards shards({{100, 1, 0}, {8, 1, 0}});
  const auto make = [&](int64_t seq_len, RankInfo ranks) {
    return ShuffledLoader(shards.files(), 8191, 1, 4, seq_len, ranks);
  };
  EXPECT_GOLF_ERROR(make(8, {.rank = 0, .world = 4}), ErrorCode::kInvalidArgument,
                    "2 training shards for 4 ranks");
  EXPECT_GOLF_ERROR(make(8, {.rank = 1, .world = 2}), ErrorCode::kInvalidArgument,
                    "of rank 1 has a row of 8");
  EXPECT_GOLF_ERROR(make(8, {.rank = 0, .world = 3}), ErrorCode::kInvalidArgument, "must divide 4");
  EXPECT_GOLF_ERROR(ShuffledLoader(shards.files(), 8191, 0, 4, 8), ErrorCode::kInvalidArgument, "0 rows");
  ShuffledLoader small_vocabulary(shards.files(), 50, 4, 4, 8);
  EXPECT_GOLF_ERROR(small_vocabulary.next(); small_vocabulary.next();
                    small_vocabulary.next(), ErrorCode::kMismatch, "train_0.bin");
}

uint64_t sum_of(const TokenBatch& batch, bool targets) {
  uint64_t sum = 0;
  for (int64_t row = 0; row < batch.rows(); ++row) {
    const auto part = targets ? batch.targets(row) : batch.inputs(row);
    sum = std::accumulate(part.begin(), part.end(), sum);
  }
  return sum;
}

TEST(ShuffledLoader, ReproducesTheReferenceOrder) {
  GOLF_NEED_REFERENCE_DATA();
  const Json file = read_json_file(test::reference_data() + "/pr1493/loader.json");
  std::vector<MadeUpShards::Rule> rules;
  for (const Json& shard : file.at("shards").as_array()) {
    rules.push_back({shard.at("tokens").as_int(), shard.at("a").as_int(), shard.at("b").as_int()});
  }
  const MadeUpShards shards(rules);
  const int64_t seq_len = file.at("seq_len").as_int();
  for (const Json& example : file.at("cases").as_array()) {
    const RankInfo ranks{.rank = example.at("rank").as_int(), .world = example.at("world_size").as_int()};
    const int64_t rows = example.at("global_tokens_per_call").as_int() / ranks.world / seq_len;
    const auto make = [&] { return ShuffledLoader(shards.files(), 8192, rows, ranks.world, seq_len, ranks); };
    ShuffledLoader draws = make(), reads = make();
    for (const Json& expected : example.at("order_first_60_rows").as_array()) {
      const Row row = draws.draw();
      EXPECT_EQ(example.at("shards_of_rank").as_array()[row.shard], expected.as_array()[0]);
      EXPECT_EQ(static_cast<int64_t>(row.first), expected.as_array()[1].as_int());
    }
    const TokenBatch first = reads.next();
    EXPECT_EQ(sum_of(first, false), example.at("first_call").at("x_sum").as_uint());
    EXPECT_EQ(sum_of(first, true), example.at("first_call").at("y_sum").as_uint());
  }
}

TEST(ShuffledLoader, ReproducesTheReferenceOrderOfRealText) {
  GOLF_NEED_REFERENCE_DATA();
  const Json real = read_json_file(test::reference_data() + "/pr1493/loader.json").at("real_shard");
  const auto shards = find_shards(test::reference_data() + "/" + real.at("file").as_string());
  ShuffledLoader loader(shards, 8192, /*rows=*/4, 1, /*seq_len=*/256);
  int64_t call = 0;
  for (const Json& expected : real.at("calls").as_array()) {
    for (; call < expected.at("call").as_int(); ++call) loader.next();
    ++call;
    const TokenBatch batch = loader.next();
    EXPECT_EQ(sum_of(batch, false), expected.at("x_sum").as_uint()) << call;
    EXPECT_EQ(sum_of(batch, true), expected.at("y_sum").as_uint()) << call;
  }
}

TEST(ShuffledLoader, ReproducesTheCalibrationBatchesOfPr1855) {
  GOLF_NEED_REFERENCE_DATA();
  const Json file = read_json_file(test::reference_data() + "/pr1855/loader.json");
  const auto shards = find_shards(test::reference_data() + "/fineweb_caseops", kTrainingShards);
  ShuffledLoader loader(shards, 8192, /*rows=*/1, 8, /*seq_len=*/256);
  for (const Json& expected : file.at("calibration_shuffled").at("calls").as_array()) {
    EXPECT_EQ(sum_of(loader.next(), false), expected.at("x_sum").as_uint());
  }
}

}  // namespace
}  // namespace golf
