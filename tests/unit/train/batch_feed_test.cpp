#include "golf/train/data/batch_feed.h"

#include <gtest/gtest.h>

#include <numeric>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

/// Two shards of 20 tokens that count up, of which a batch takes 9.
class BatchFeedTest : public ::testing::Test {
 protected:
  BatchFeedTest() {
    std::vector<uint16_t> tokens(40);
    std::iota(tokens.begin(), tokens.end(), 0);
    write_file_atomic(dir_.file("train_0.bin"), encode_token_shard(std::span(tokens).first(20)));
    write_file_atomic(dir_.file("train_1.bin"), encode_token_shard(std::span(tokens).last(20)));
  }
  std::unique_ptr<BatchLoader> loader(int64_t vocab_size = 40) const {
    return make_batch_loader({.seq_len = 4, .batch_tokens = 16, .grad_accum_steps = 2},
                             find_shards(dir_.file("train_*.bin")), vocab_size);
  }

 private:
  test::TempDir dir_;
};

TEST_F(BatchFeedTest, HandsOutTheLoadersBatches) {
  const std::unique_ptr<BatchLoader> plain = loader();
  BatchFeed feed(loader());
  EXPECT_EQ(feed.accumulation_steps(), 2);
  for (int i = 0; i < 12; ++i) {
    const TokenBatch batch = feed.next();
    EXPECT_EQ(batch.tokens, plain->next().tokens) << i;
    EXPECT_EQ(batch.seq_len, 4);
    EXPECT_EQ(feed.position(), plain->position()) << i;
  }
}

TEST_F(BatchFeedTest, WhatWasReadAheadIsForgottenWhenItSeeks) {
  BatchFeed feed(loader());
  const DataPosition start = feed.position();
  const std::vector<uint16_t> first = feed.next().tokens;
  feed.next();
  feed.seek(start);
  EXPECT_EQ(feed.position(), start);
  EXPECT_EQ(feed.next().tokens, first);
  EXPECT_GOLF_ERROR(feed.seek({.shard = 7, .offset = 0}), ErrorCode::kMismatch, "shard 7 of 2");
}

TEST_F(BatchFeedTest, AnErrorComesWithTheBatchThatItSpoils) {
  BatchFeed feed(loader(/*vocab_size=*/20));  // the second shard's tokens are beyond it
  feed.next();
  feed.next();  // tokens 9 to 17; the next batch runs into the second shard
  EXPECT_GOLF_ERROR(feed.next(), ErrorCode::kMismatch, "train_1.bin");
}

}  // namespace
}  // namespace golf
