#include "adapt/adapt_account.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/error.h"

namespace golf::test {
namespace {

AdaptAccount account(int64_t process) {
  const double nats = 0.1 + static_cast<double>(process);
  AdaptAccount account;
  account.before = {{nats, 10, 31}, {nats + 1, 11, 32}};
  account.stages = {{nats + 2, 21, 63}};
  account.log.resize(2);
  account.log[0].scored.ranges.push_back({process * 10, 10, 31, nats});
  account.log[0].updates.push_back({.update = 1, .chunk = 0, .what = "weights"});
  account.log[0].updates[0].saw.push_back({process * 10, 8});
  account.log[1].scored.chunk = 1;
  account.log[1].scored.after_update = 1;
  return account;
}

AdaptResumePoint point() {
  AdaptResumePoint point{.before_done = true, .next_chunk = 2, .account = account(0)};
  point.learner.add("weights.tok_emb.weight", make_tensor(DType::kF32, {2, 3}));
  return point;
}

TEST(AdaptAccount, SurvivesItsBytes) {
  const AdaptAccount before = account(3);
  EXPECT_EQ(decode_adapt_account(encode(before), "account"), before);
}

TEST(AdaptAccount, RefusesEveryShortening) {
  const Bytes bytes = encode(account(3));
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode_adapt_account(ByteView(bytes).first(length), "account"), Error) << length;
  }
}

TEST(AdaptAccount, MergesTheSharesOfAChunk) {
  AdaptAccount all;
  all.merge(account(0));
  all.merge(account(1));
  ASSERT_EQ(all.log.size(), 2U);
  EXPECT_EQ(all.log[0].scored.ranges.size(), 2U);
  EXPECT_EQ(all.log[0].updates[0].saw, (std::vector<ScoreSegment>{{0, 8}, {10, 8}}));
  EXPECT_EQ(all.before[1].tokens, 22);
  EXPECT_EQ(all.stages[0].bytes, 126);
}

TEST(AdaptAccount, RefusesToMergeOtherChunks) {
  AdaptAccount all = account(0), other = account(1);
  other.log[1].scored.after_update = 0;
  EXPECT_THROW(all.merge(other), Error);
}

TEST(AdaptResumePoint, SurvivesItsBytes) {
  const AdaptResumePoint before = point();
  const AdaptResumePoint after = to_adapt_resume_point(to_resume_point(before), "run.resume");
  EXPECT_EQ(after.before_done, true);
  EXPECT_EQ(after.next_chunk, 2);
  EXPECT_EQ(after.account, before.account);
  EXPECT_TRUE(after.learner.contains("weights.tok_emb.weight"));
}

}  // namespace
}  // namespace golf::test
