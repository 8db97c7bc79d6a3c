#include "golf/score/exact_ngram_cache.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/text/token_bytes.h"
#include "golf/artifact/text/tokenizer.h"
#include "golf/score/bpb.h"
#include "golf/score/normalization_audit.h"
#include "golf/score/window_plan.h"
#include "sampled_scores.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

/// Text-like: skewed tokens with long repetitions.
std::vector<uint16_t> repetitive(size_t count, unsigned vocab, unsigned seed = 9) {
  std::mt19937 random(seed);
  std::vector<uint16_t> stream;
  while (stream.size() < count) {
    if (stream.size() > 50 && random() % 4 == 0) {
      const size_t from = random() % (stream.size() - 20);
      for (size_t i = 0; i < 15; ++i) stream.push_back(stream[from + i]);
    } else {
      stream.push_back(static_cast<uint16_t>(random() % (1 + random() % vocab)));
    }
  }
  stream.resize(count);
  return stream;
}

/// A model that gives token v of target t a probability in proportion to 1 + (v + t) mod 5.
void toy_model(int64_t target, std::span<double> probabilities) {
  double sum = 0;
  for (size_t v = 0; v < probabilities.size(); ++v) {
    probabilities[v] = 1 + (static_cast<double>((v + static_cast<size_t>(target)) % 5));
    sum += probabilities[v];
  }
  for (double& p : probabilities) p /= sum;
}

TokenScores toy_scores(const std::vector<uint16_t>& stream, const WindowPlan& plan, size_t vocab) {
  TokenScores scores;
  std::vector<double> p(vocab);
  for (int64_t w = 0; w < plan.size(); ++w) {
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
    for (int64_t t = plan[w].first_target(); t < plan[w].start + plan[w].length; ++t) {
      toy_model(t, p);
      scores.nll_nats.push_back(static_cast<float>(-std::log(p[stream[static_cast<size_t>(t) + 1]])));
      scores.entropy_nats.push_back(1.0F + static_cast<float>(t % 4));
    }
  }
  return scores;
}

TEST(ExactNgramCache, IsADistributionAtEveryPosition) {
  const std::vector<uint16_t> stream = repetitive(3001, 40);
  const WindowPlan plan = WindowPlan::sliding(3000, 128, 32);
  for (const int64_t max_nodes : {int64_t{1} << 20, int64_t{300}}) {
    TokenScores scores = toy_scores(stream, plan, 40);
    test::sample(scores, sample_targets(0, 3000, 1000), 40, toy_model);
    ExactNgramCache({.max_nodes = max_nodes}, stream).run(scores);
    NormalizationAudit audit;
    audit.look(scores);
    EXPECT_EQ(audit.report().positions, 1000);
    EXPECT_LT(audit.report().max_deviation, 1e-12);
  }
}

TEST(ExactNgramCache, ScoresTheDistributionsValue) {
  const std::vector<uint16_t> stream = repetitive(801, 20);
  const WindowPlan plan = WindowPlan::sliding(800, 64, 16, window_policy("pr88"));  // skips the first 48
  TokenScores scores = toy_scores(stream, plan, 20);
  const TokenScores model = scores;
  test::sample(scores, sample_targets(0, 800, 800), 20, toy_model);
  ExactNgramCache({}, stream).run(scores);
  ASSERT_EQ(scores.samples.size(), scores.nll_nats.size());
  for (size_t i = 0; i < scores.nll_nats.size(); ++i) {
    const uint16_t token = stream[i + 48 + 1];
    ASSERT_NEAR(scores.nll_nats[i], -std::log(scores.samples[i].probabilities[token]), 1e-6) << i;
  }
  EXPECT_LT(std::accumulate(scores.nll_nats.begin(), scores.nll_nats.end(), 0.0),
            std::accumulate(model.nll_nats.begin(), model.nll_nats.end(), 0.0));
}

constexpr uint16_t kStart = 0xFFFF;  ///< what precedes the first token, which is context and never counted

/// Interpolated Kneser–Ney written down from its definition.
double kneser_ney(const std::vector<uint16_t>& seen, const std::vector<uint16_t>& context, uint16_t token,
                  int order, double discount, double model) {
  using Gram = std::vector<uint16_t>;
  double q = model;
  for (int n = 1; n <= order; ++n) {
    const Gram ending(context.end() - (n - 1), context.end());
    std::map<uint16_t, uint32_t> counts;
    std::map<uint16_t, std::set<uint16_t>> predecessors;
    for (size_t at = static_cast<size_t>(n) - 1; at < seen.size(); ++at) {
      if (!std::equal(ending.begin(), ending.end(),
                      seen.begin() + static_cast<std::ptrdiff_t>(at) - (n - 1))) {
        continue;
      }
      if (n == order) {
        ++counts[seen[at]];
      } else if (at >= static_cast<size_t>(n)) {
        predecessors[seen[at]].insert(seen[at - static_cast<size_t>(n)]);
      } else if (at > 0) {
        predecessors[seen[at]].insert(kStart);
      }
    }
    for (const auto& [v, before] : predecessors) counts[v] += static_cast<uint32_t>(before.size());
    if (counts.empty()) return q;
    double total = 0;
    for (const auto& [v, count] : counts) total += count;
    const double escape = discount * static_cast<double>(counts.size()) / total;
    const double own = counts.contains(token) ? (counts[token] - discount) / total : 0;
    q = own + escape * q;
  }
  return q;
}

TEST(ExactNgramCache, IsInterpolatedKneserNeyDownToTheModel) {
  // Two segments: the second is scored with the counts of the first. Its first class weight is the prior's,
  // so one target (the only one of its segment) tells the mixture.
  constexpr size_t kVocab = 6;
  for (size_t length = 5; length < 120; ++length) {
    std::vector<uint16_t> stream = repetitive(length + 2, kVocab, 21);
    const auto known = static_cast<int64_t>(length);
    ExactNgramCache processor({.max_order = 3}, stream);
    // A first segment without usable losses teaches counts, and no weights.
    TokenScores first{.segments = {{0, known}},
                      .nll_nats = std::vector<float>(length, std::numeric_limits<float>::quiet_NaN()),
                      .entropy_nats = std::vector<float>(length, 1.0F)};
    processor.run(first);
    TokenScores second{.segments = {{known, 1}}, .nll_nats = {std::log(6.0F)}, .entropy_nats = {1.0F}};
    processor.run(second);
    const std::vector<uint16_t> seen(stream.begin(), stream.end() - 1);
    const double model = 1.0 / 6;
    const double q = kneser_ney(seen, seen, stream.back(), 3, 0.75, model);
    EXPECT_NEAR(second.nll_nats[0], -std::log(0.7 * model + 0.3 * q), 1e-6) << length;
  }
}

TEST(ExactNgramCache, DoesNotSeeWhatComesLater) {
  std::vector<uint16_t> stream = repetitive(601, 20);
  const WindowPlan plan = WindowPlan::sliding(600, 64, 16);
  TokenScores original = toy_scores(stream, plan, 20);
  ExactNgramCache({}, stream).run(original);
  for (size_t i = 401; i < stream.size(); ++i) stream[i] = static_cast<uint16_t>((stream[i] + 7) % 20);
  TokenScores changed = toy_scores(stream, plan, 20);
  ExactNgramCache({}, stream).run(changed);
  for (size_t i = 0; i < 400; ++i) ASSERT_EQ(original.nll_nats[i], changed.nll_nats[i]) << i;
}

TEST(ExactNgramCache, GivesTheSameInOneBatchAndInMany) {
  const std::vector<uint16_t> stream = repetitive(601, 20);
  const WindowPlan plan = WindowPlan::sliding(600, 64, 16);
  const TokenScores model = toy_scores(stream, plan, 20);
  TokenScores whole = model;
  ExactNgramCache({}, stream).run(whole);
  ExactNgramCache processor({}, stream);
  TokenScores parts;
  auto nll = model.nll_nats.begin();
  auto entropy = model.entropy_nats.begin();
  for (const ScoreSegment& segment : model.segments) {
    TokenScores part{.segments = {segment},
                     .nll_nats = {nll, nll + segment.count},
                     .entropy_nats = {entropy, entropy + segment.count}};
    processor.run(part);
    parts.append(part);
    nll += segment.count;
    entropy += segment.count;
  }
  EXPECT_EQ(parts.nll_nats, whole.nll_nats);
}

TEST(ExactNgramCache, RefusesToScoreATargetAgain) {
  const std::vector<uint16_t> stream = repetitive(131, 20);
  const WindowPlan plan = WindowPlan::sliding(130, 64, 16, window_policy("pr993"));
  TokenScores scores = toy_scores(stream, plan, 20);
  ExactNgramCache processor({}, stream);
  EXPECT_GOLF_ERROR(processor.run(scores), ErrorCode::kInvalidArgument, "scored again");
}

TEST(ExactNgramCache, RefusesADiscountThatIsNone) {
  const std::vector<uint16_t> stream = {1, 2};
  EXPECT_GOLF_ERROR(ExactNgramCache({.discount = 1.0}, stream), ErrorCode::kInvalidArgument, "discount: 1");
  EXPECT_GOLF_ERROR(ExactNgramCache({.discount = NAN}, stream), ErrorCode::kInvalidArgument, "discount");
}

TEST(ExactNgramCache, KeepsALossThatIsNotFinite) {
  const std::vector<uint16_t> stream = repetitive(101, 5);
  TokenScores scores{.segments = {{0, 50}, {50, 50}},
                     .nll_nats = std::vector<float>(100, 1.0F),
                     .entropy_nats = std::vector<float>(100, 1.0F)};
  scores.nll_nats[70] = std::numeric_limits<float>::infinity();
  ExactNgramCache({}, stream).run(scores);
  EXPECT_TRUE(std::isinf(scores.nll_nats[70]));
}

TEST(ExactNgramCache, IsNormalizedAndHelpsOnRealText) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/fineweb";
  const auto stream = read_token_shard(folder + "/fineweb_val_000000.bin", 1024);
  const TokenBytes table = read_tokenizer(folder + "/fineweb_1024_bpe.model", 1024).bytes;
  const WindowPlan plan = WindowPlan::sliding(131'072, 256, 64);
  TokenScores scores;
  for (int64_t w = 0; w < plan.size(); ++w)
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
  scores.nll_nats.assign(131'072, std::log(1024.0F));
  scores.entropy_nats.assign(131'072, std::log(1024.0F));
  test::sample(scores, sample_targets(0, 131'072, 1000), 1024, test::uniform);
  ExactNgramCache({}, stream).run(scores);
  NormalizationAudit audit;
  audit.look(scores);
  EXPECT_EQ(audit.report().positions, 1000);
  EXPECT_LT(audit.report().max_deviation, 1e-9);
  BpbTotals totals;
  totals.add(scores, bytes_of_tokens(table, stream));
  EXPECT_LT(totals.val_bpb(), 2.56);  // 4.1485 without the cache; found 2.5513
}

}  // namespace
}  // namespace golf
