#include "golf/score/ngram_tilt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <random>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/score/post_processor_chain.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

std::vector<uint16_t> random_targets(size_t count, unsigned symbols) {
  std::mt19937 random(11);
  std::vector<uint16_t> targets(count);
  for (uint16_t& target : targets) target = static_cast<uint16_t>(random() % symbols);
  return targets;
}

/// The same target by target: a history, a table of contexts, a table of pairs.
std::vector<NgramHint> hints_by_tables(const std::vector<uint16_t>& targets, size_t length) {
  struct Counts {
    int total = 0;
    int top = 0;
    uint16_t token = 0;
  };
  const std::array<uint64_t, 16> coefficients = {36313,   27191,   51647,   81929,  131071, 196613,
                                                 262147,  393241,  524309,  655373, 786433, 917521,
                                                 1048583, 1179653, 1310729, 1441801};
  std::map<uint64_t, Counts> contexts;
  std::map<uint64_t, int> pairs;
  std::deque<uint16_t> history;
  if (length > 0 && !targets.empty()) history.push_back(targets[0]);
  std::vector<NgramHint> hints(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    if (history.size() == length) {
      uint64_t key = 0;
      for (size_t j = 0; j < length; ++j) key ^= history[j] * coefficients[j];
      Counts& counts = contexts[key];
      if (counts.total > 0) {
        hints[i] = {counts.token, static_cast<float>(counts.top) / static_cast<float>(counts.total)};
      }
      const int seen = ++pairs[(key * 1'000'003U) ^ (targets[i] * coefficients[length])];
      ++counts.total;
      if (seen > counts.top) counts = {counts.total, seen, targets[i]};
    }
    history.push_back(targets[i]);
    if (history.size() > length) history.pop_front();
  }
  return hints;
}

TEST(NgramHints, AreThoseOfTablesThatGrowTargetByTarget) {
  for (const unsigned symbols : {2U, 5U}) {
    const std::vector<uint16_t> targets = random_targets(2000, symbols);
    for (const int64_t order : {0, 1, 2, 3, 7, 16}) {
      const std::vector<NgramHint> found = ngram_hints(targets, order);
      const std::vector<NgramHint> expected =
          hints_by_tables(targets, static_cast<size_t>(std::max<int64_t>(order - 1, 0)));
      for (size_t i = 0; i < targets.size(); ++i) {
        ASSERT_EQ(found[i].token, expected[i].token) << "order " << order << " target " << i;
        ASSERT_EQ(found[i].probability, expected[i].probability) << "order " << order << " target " << i;
      }
    }
  }
}

TEST(NgramHints, DependOnNoLaterTarget) {
  const std::vector<uint16_t> targets = random_targets(500, 3);
  const std::vector<NgramHint> whole = ngram_hints(targets, 5);
  for (const size_t count : {0U, 1U, 3U, 4U, 5U, 100U}) {
    const std::vector<NgramHint> part = ngram_hints(std::span(targets).first(count), 5);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(part[i].probability, whole[i].probability);
  }
}

TEST(NgramHints, BeginAfterAsManyEqualTargetsAsTheOrder) {
  const std::vector<NgramHint> hints = ngram_hints(std::vector<uint16_t>(20, 9), 16);
  EXPECT_EQ(hints[14].probability, 0);
  EXPECT_EQ(hints[15].probability, 1);
  EXPECT_EQ(hints[15].token, 9);
}

TEST(NgramTilt, IsADistributionWhoseLossIsThatOfItsScores) {
  const std::vector<uint16_t> stream = {3, 0, 1, 0, 1, 0, 1, 0, 1, 2, 1, 0};
  const NgramTiltConfig config{.order = 2, .threshold = 0.5, .boost = 1.5};
  NgramTilt tilt(config, stream);
  const std::vector<double> p = {0.1, 0.2, 0.3, 0.4};
  TokenScores scores{.segments = {{0, 11}}};
  for (int64_t t = 0; t < 11; ++t) {
    const int32_t named = tilt.named_tokens()[static_cast<size_t>(t)];
    scores.nll_nats.push_back(static_cast<float>(-std::log(p[stream[static_cast<size_t>(t) + 1]])));
    scores.named_log_p.push_back(
        named == kNoToken ? 0 : static_cast<float>(std::log(p[static_cast<size_t>(named)])));
    scores.samples.push_back({t, p});
  }
  tilt.run(scores);
  int changed = 0;
  for (const SampledDistribution& sample : scores.samples) {
    const auto t = static_cast<size_t>(sample.score);
    EXPECT_NEAR(std::accumulate(sample.probabilities.begin(), sample.probabilities.end(), 0.0), 1, 1e-12);
    EXPECT_NEAR(-std::log(sample.probabilities[stream[t + 1]]), scores.nll_nats[t], 1e-6);
    changed += sample.probabilities != p ? 1 : 0;
  }
  EXPECT_GT(changed, 5);
  EXPECT_EQ(tilt.facts().at("gated").as_int(), changed);
}

TEST(NgramTilt, NeedsTheLogProbabilitiesOfItsHints) {
  const std::vector<uint16_t> stream = {0, 1, 1};
  NgramTilt tilt({.order = 2}, stream);
  TokenScores scores{.segments = {{0, 2}}, .nll_nats = {1, 1}};
  EXPECT_GOLF_ERROR(tilt.run(scores), ErrorCode::kMismatch, "score it again");
  EXPECT_GOLF_ERROR(validate(NgramTiltConfig{.order = 34}), ErrorCode::kInvalidArgument, "0 and 33");
  EXPECT_GOLF_ERROR(validate(NgramTiltConfig{.threshold = 0}), ErrorCode::kInvalidArgument, "threshold 0");
}

TEST(NgramTilt, RunsBeforeTheOtherPostProcessors) {
  std::vector<uint16_t> stream = random_targets(401, 3);
  const std::vector<uint16_t> bytes(stream.size(), 1);
  const WindowPlan plan = WindowPlan::standard(400, 8);
  PostProcessorChain chain({.ngram_tilt = NgramTiltConfig{.order = 3, .threshold = 0.4},
                            .paid_prefix = std::vector<uint16_t>(stream.begin() + 1, stream.begin() + 11)},
                           {stream, bytes}, plan, 3);
  EXPECT_EQ(chain.named_tokens().size(), 400U);
  TokenScores scores{.segments = {{0, 400}},
                     .nll_nats = std::vector<float>(400, std::log(3.0F)),
                     .named_log_p = std::vector<float>(400, -std::log(3.0F))};
  chain.run(scores);
  const auto stages = chain.stages();
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_EQ(stages[1].name, "ngram-tilt");
  EXPECT_NE(stages[1].val_loss, stages[0].val_loss);
  EXPECT_EQ(stages[2].name, "paid-prefix");
}

TEST(NgramTiltReference, ReproducesTheCasesOfPr2135) {
  GOLF_NEED_REFERENCE_DATA();
  const Json golden = read_json_file(test::reference_data() + "/pr2135/tilt_cases.json");
  const TensorSet tensors = test::reference_tensors("pr2135/tilt_cases.safetensors");
  int cases = 0;
  for (const Json& row : golden.at("cases").as_array()) {
    const std::string name = row.at("case").as_string();
    SCOPED_TRACE(name);
    const auto targets = tensors.find("tokens." + row.at("stream").as_string())->values<uint16_t>();
    const std::vector<NgramHint> hints = ngram_hints(targets, row.at("token_order").as_int());
    const auto tokens = tensors.find(name + ".top_token")->values<uint16_t>();
    const auto probabilities = tensors.find(name + ".top_prob")->values<float>();
    const auto gates = tensors.find(name + ".gate")->values<uint8_t>();
    const auto threshold = static_cast<float>(row.at("threshold").as_double());
    ASSERT_EQ(hints.size(), tokens.size());
    int64_t gated = 0;
    for (size_t i = 0; i < hints.size(); ++i) {
      ASSERT_EQ(hints[i].token, tokens[i]) << i;
      ASSERT_EQ(hints[i].probability, probabilities[i]) << i;
      const bool gate = hints[i].probability >= threshold;
      ASSERT_EQ(gate, gates[i] != 0) << i;
      gated += gate ? 1 : 0;
    }
    EXPECT_EQ(gated, row.at("gated").as_int());
    if (const Tensor* tilted = tensors.find(name + ".nll_tilted")) {
      const auto nll = tensors.find(name + ".nll")->values<float>();
      const auto log_q = tensors.find(name + ".log_q")->values<float>();
      const auto boost = static_cast<float>(row.at("boost").as_double());
      for (size_t i = 0; i < hints.size(); ++i) {
        const float found =
            gates[i] != 0 ? tilted_nll(nll[i], log_q[i], hints[i].token == targets[i], boost) : nll[i];
        ASSERT_NEAR(found, tilted->values<float>()[i], 4e-6) << i;
      }
    }
    ++cases;
  }
  EXPECT_EQ(cases, 25);
}

}  // namespace
}  // namespace golf
