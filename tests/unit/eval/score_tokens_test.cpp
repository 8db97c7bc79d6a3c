#include "golf/eval/score_tokens.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/eval/runtime.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

struct Expected {
  double nll = 0;
  double entropy = 0;
};

/// From the logits of a whole window in float64, one window at a time.
std::vector<Expected> brute_force(Decoder& model, const std::vector<uint16_t>& stream,
                                  const WindowPlan& plan) {
  const at::NoGradGuard no_grad;
  std::vector<Expected> all;
  for (int64_t w = 0; w < plan.size(); ++w) {
    const Window window = plan[w];
    std::vector<int64_t> ids(stream.begin() + window.start, stream.begin() + window.start + window.length);
    const at::Tensor ids_BT = at::tensor(ids).unsqueeze(0);
    const at::Tensor log_p = model->logits(model->hidden(ids_BT), ids_BT).to(at::kDouble).log_softmax(-1)[0];
    for (int64_t p = window.score_from; p < window.length; ++p) {
      const int64_t target = stream[static_cast<size_t>(window.start + p + 1)];
      all.push_back({.nll = -log_p[p][target].item<double>(),
                     .entropy = -(log_p[p].exp() * log_p[p]).sum().item<double>()});
    }
  }
  return all;
}

TEST(ScoreTokens, ScoresChosenWindowsInTheirOrder) {
  Decoder model = random_decoder();
  const auto stream = random_stream(38);
  const WindowPlan plan = WindowPlan::sliding(37, 8, 3);
  const TokenScores all = score_tokens(model, stream, plan, {.batch_seqs = 4});
  const std::vector<int64_t> chosen = {plan.size() - 1, 0, 4, 5, 2};
  const TokenScores scores =
      score_tokens(model, stream, plan, {.batch_seqs = 2, .first_window = 1, .chosen_windows = chosen});
  ASSERT_EQ(scores.segments.size(), chosen.size() - 1);
  size_t used = 0;
  for (size_t i = 1; i < chosen.size(); ++i) {
    const Window window = plan[chosen[i]];
    EXPECT_EQ(scores.segments[i - 1], (ScoreSegment{window.first_target(), window.scored()}));
    int64_t before = 0;
    for (int64_t w = 0; w < chosen[i]; ++w) before += plan[w].scored();
    for (int64_t t = 0; t < window.scored(); ++t) {
      // Other windows share the batch, so that LibTorch's products may round differently.
      EXPECT_NEAR(scores.nll_nats[used++], all.nll_nats[static_cast<size_t>(before + t)], 1e-5);
    }
  }
  EXPECT_EQ(used, scores.nll_nats.size());
  const std::vector<int64_t> outside = {plan.size()};
  EXPECT_GOLF_ERROR(score_tokens(model, stream, plan, {.chosen_windows = outside}),
                    ErrorCode::kInvalidArgument, "of a plan that has");
}

TEST(ScoreTokens, AgreesWithOneWindowAtATimeUnderEveryPolicy) {
  Decoder model = random_decoder();
  const auto stream = random_stream(38);
  std::vector<WindowPlan> plans = {WindowPlan::standard(37, 8)};
  for (const std::string_view name : policy_names()) {
    plans.push_back(WindowPlan::sliding(37, 8, 3, window_policy(name)));
  }
  for (const WindowPlan& plan : plans) {
    const TokenScores scores = score_tokens(model, stream, plan, {.batch_seqs = 4, .entropy = true});
    const auto expected = brute_force(model, stream, plan);
    ASSERT_EQ(scores.nll_nats.size(), expected.size());
    ASSERT_EQ(scores.entropy_nats.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(scores.nll_nats[i], expected[i].nll, 1e-5);
      EXPECT_NEAR(scores.entropy_nats[i], expected[i].entropy, 1e-5);
    }
    ASSERT_EQ(static_cast<int64_t>(scores.segments.size()), plan.size());
    for (int64_t w = 0; w < plan.size(); ++w) {
      EXPECT_EQ(scores.segments[static_cast<size_t>(w)],
                (ScoreSegment{plan[w].first_target(), plan[w].scored()}));
    }
  }
}

TEST(DocumentBounds, StandAtEachStartAndAfterEachFullLength) {
  const std::vector<uint16_t> tokens = {5, 5, 1, 5, 5, 5, 5, 1, 1, 5};
  EXPECT_EQ(document_bounds(tokens, {.first_token = 1, .max_length = 3}),
            (std::vector<int64_t>{0, 2, 5, 7, 8, 10}));
  EXPECT_EQ(document_bounds(tokens, {.first_token = 1}), (std::vector<int64_t>{0, 2, 7, 8, 10}));
  EXPECT_EQ(document_bounds(tokens, {.first_token = -1, .max_length = 4}),
            (std::vector<int64_t>{0, 4, 8, 10}));
}

TEST(ScoreTokens, KeepsAttentionInsideDocuments) {
  Decoder model = random_decoder();
  std::vector<uint16_t> stream = random_stream(33);
  for (uint16_t& token : stream) token = token == 1 ? 2 : token;
  stream[20] = 1;
  const ScoreOptions options{.batch_seqs = 2,
                             .documents = DocumentAttention{.first_token = 1, .max_length = 16}};
  const WindowPlan plan = WindowPlan::standard(32, 32);
  const TokenScores whole = score_tokens(model, stream, plan, options);
  std::vector<uint16_t> other = stream;
  for (size_t i = 0; i < 20; ++i) other[i] = 3;
  const TokenScores changed = score_tokens(model, other, plan, options);
  for (size_t target = 20; target < 32; ++target) EXPECT_EQ(changed.nll_nats[target], whole.nll_nats[target]);
  // The positions from 16 on begin a part of their own, since the document before is longer than 16.
  other = stream;
  other[3] = 9;
  EXPECT_EQ(score_tokens(model, other, plan, options).nll_nats[17], whole.nll_nats[17]);
  EXPECT_NE(score_tokens(model, other, plan, {}).nll_nats[17],
            score_tokens(model, stream, plan, {}).nll_nats[17]);
}

TEST(ScoreTokens, ShortDocumentsInOneForwardScoreAsEachAlone) {
  Decoder model = random_decoder();
  std::vector<uint16_t> stream = random_stream(65);
  for (uint16_t& token : stream) token = token == 1 ? 2 : token;
  const std::vector<size_t> starts = {0, 9, 14, 40, 41, 64};
  for (const size_t start : starts) stream[start] = 1;
  const TokenScores packed = score_tokens(model, stream, WindowPlan::standard(64, 64),
                                          {.documents = DocumentAttention{.first_token = 1}});
  ASSERT_EQ(packed.nll_nats.size(), 64U);
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    const size_t length = starts[i + 1] - starts[i];
    const auto targets = static_cast<int64_t>(length);
    const TokenScores alone = score_tokens(model, std::span(stream).subspan(starts[i], length + 1),
                                           WindowPlan::standard(targets, targets), {});
    for (size_t t = 0; t < length; ++t) {
      EXPECT_NEAR(packed.nll_nats[starts[i] + t], alone.nll_nats[t], 1e-5) << "document " << i;
    }
  }
}

TEST(ScoreTokens, CarriesTheLogProbabilityOfNamedTokens) {
  Decoder model = random_decoder();
  const auto stream = random_stream(33);
  const WindowPlan plan = WindowPlan::sliding(32, 8, 4);
  std::vector<int32_t> named(32, kNoToken);
  for (const size_t target : {0U, 5U, 6U, 31U}) named[target] = static_cast<int32_t>(target % 7);
  const TokenScores scores = score_tokens(
      model, stream, plan, {.batch_seqs = 3, .named_tokens = named, .sampled_targets = {0, 5, 6, 31}});
  ASSERT_EQ(scores.named_log_p.size(), scores.nll_nats.size());
  ASSERT_EQ(scores.samples.size(), 4U);
  for (const SampledDistribution& sample : scores.samples) {  // each target is scored once, in order
    const auto target = static_cast<size_t>(sample.score);
    EXPECT_NEAR(std::exp(scores.named_log_p[target]),
                sample.probabilities[static_cast<size_t>(named[target])], 1e-6);
  }
  EXPECT_EQ(scores.named_log_p[1], 0);
  EXPECT_GOLF_ERROR(score_tokens(model, stream, plan, {.named_tokens = std::span(named).first(3)}),
                    ErrorCode::kMismatch, "3 named tokens");
}

TEST(ScoreTokens, SamplesTheDistributionsBehindItsLosses) {
  Decoder model = random_decoder();
  const auto stream = random_stream(201);
  const WindowPlan plan = WindowPlan::sliding(200, 16, 4, window_policy("pr993"));
  // The last four targets are scored in four windows.
  const TokenScores scores =
      score_tokens(model, stream, plan, {.batch_seqs = 7, .sampled_targets = {0, 15, 16, 99, 199}});
  ASSERT_EQ(scores.samples.size(), 8U);
  std::vector<int64_t> target_of;
  for (const ScoreSegment& segment : scores.segments) {
    for (int64_t i = 0; i < segment.count; ++i) target_of.push_back(segment.first_target + i);
  }
  std::vector<int64_t> sampled;
  for (const SampledDistribution& sample : scores.samples) {
    const auto at = static_cast<size_t>(sample.score);
    sampled.push_back(target_of.at(at));
    ASSERT_EQ(sample.probabilities.size(), 32U);
    double sum = 0;
    for (const double p : sample.probabilities) sum += p;
    EXPECT_NEAR(sum, 1, 1e-12);
    const uint16_t token = stream[static_cast<size_t>(sampled.back()) + 1];
    EXPECT_NEAR(-std::log(sample.probabilities[token]), scores.nll_nats[at], 1e-5);
  }
  EXPECT_EQ(sampled, (std::vector<int64_t>{0, 15, 16, 99, 199, 199, 199, 199}));
}

TEST(ScoreTokens, BatchSizeChangesOnlyRounding) {
  Decoder model = random_decoder();
  const auto stream = random_stream(201);
  const WindowPlan plan = WindowPlan::sliding(200, 16, 4);
  const TokenScores one = score_tokens(model, stream, plan, {.batch_seqs = 1});
  const TokenScores many = score_tokens(model, stream, plan, {.batch_seqs = 13});
  EXPECT_EQ(many.segments, one.segments);
  for (size_t i = 0; i < one.nll_nats.size(); ++i) {
    EXPECT_NEAR(many.nll_nats[i], one.nll_nats[i], 1e-6 * (1 + std::abs(one.nll_nats[i])));
  }
}

TEST(ScoreTokens, ThreadCountChangesNothing) {
  Decoder model = random_decoder();
  const auto stream = random_stream(20'001);
  const WindowPlan plan = WindowPlan::sliding(20'000, 256, 64);
  const int before = compute_threads();
  std::vector<std::vector<float>> losses;
  for (const int threads : {1, 2, 5}) {
    prepare_processor(threads);
    losses.push_back(score_tokens(model, stream, plan, {.batch_seqs = 32}).nll_nats);
    EXPECT_EQ(compute_threads(), threads);
  }
  prepare_processor(before);
  EXPECT_EQ(losses[1], losses[0]);
  EXPECT_EQ(losses[2], losses[0]);
}

TEST(ScoreTokens, APartOverTheLogitLimitGivesTheSameScores) {
  Decoder model = random_decoder(32'768);
  const auto stream = random_stream(2041, 32'768);
  const WindowPlan plan = WindowPlan::standard(2040, 20);
  // 51 windows of 20 make a part: 33 million logits, twice the limit. Seven windows stay below it.
  const TokenScores whole = score_tokens(model, stream, plan, {.batch_seqs = 102});
  const TokenScores small = score_tokens(model, stream, plan, {.batch_seqs = 7});
  ASSERT_EQ(whole.size(), 2040);
  for (size_t i = 0; i < whole.nll_nats.size(); ++i) {
    ASSERT_NEAR(whole.nll_nats[i], small.nll_nats[i], 2e-6 * (1 + std::abs(small.nll_nats[i]))) << i;
  }
}

// As --mode documents packs many sequences into one: its logits are made tile by tile.
TEST(ScoreTokens, AWindowOverTheLogitLimitIsScoredInTiles) {
  constexpr int64_t kVocab = 4'096, kLength = 4'500, kMostLogits = int64_t{1} << 24;
  const auto stream = random_stream(kLength + 1, kVocab);
  std::vector<int32_t> named(kLength, kNoToken);
  for (const size_t target : {3U, 4'095U, 4'096U, 4'499U}) named[target] = static_cast<int32_t>(target % 97);
  for (const bool softcapped : {true, false}) {
    SCOPED_TRACE(softcapped);
    FeatureSet features;
    if (!softcapped) features.set("markov_mix", {{"pairs", Json::object({{"buckets", 31}})}});
    Decoder model = random_decoder(kVocab, features);
    EXPECT_EQ(model->logits_are_softcapped(), softcapped);
    // The second plan also has a window that scores its end alone.
    const WindowPlan plan =
        softcapped ? WindowPlan::standard(kLength, kLength) : WindowPlan::sliding(kLength, 4'400, 4'300);
    const std::vector<Expected> expected = brute_force(model, stream, plan);
    int64_t most = 0;
    model->set_product_hook([&](const std::string& name, const at::Tensor& x, const at::Tensor& y) {
      if (name.ends_with("tok_emb.weight") && x.defined()) most = std::max(most, y.numel());
    });
    const TokenScores scores = score_tokens(model, stream, plan,
                                            {.batch_seqs = 1,
                                             .entropy = true,
                                             .named_tokens = named,
                                             .sampled_targets = {3, 4'095, 4'096, 4'499}});
    model->set_product_hook({});
    EXPECT_GT(most, kMostLogits / 2);
    EXPECT_LE(most, kMostLogits) << "the head's rows at a time";
    ASSERT_EQ(scores.nll_nats.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(scores.nll_nats[i], expected[i].nll, 1e-5 * (1 + expected[i].nll)) << i;
      ASSERT_NEAR(scores.entropy_nats[i], expected[i].entropy, 1e-4) << i;
    }
    ASSERT_EQ(scores.samples.size(), 4U);
    for (const SampledDistribution& sample : scores.samples) {
      const auto at = static_cast<size_t>(sample.score);
      EXPECT_NEAR(-std::log(sample.probabilities.at(stream.at(at + 1))), expected.at(at).nll, 1e-4);
      EXPECT_NEAR(std::log(sample.probabilities.at(static_cast<size_t>(named.at(at)))),
                  scores.named_log_p.at(at), 1e-4);
    }
  }
}

TEST(ScoreTokens, HandsOverBatchesInOrderAndReportsProgress) {
  Decoder model = random_decoder();
  const auto stream = random_stream(41);
  std::vector<size_t> batch_sizes;
  std::vector<uint64_t> done;
  const ScoreOptions options{.batch_seqs = 2, .progress = [&](const Progress& progress) {
                               EXPECT_EQ(progress.total, 40U);
                               done.push_back(progress.done);
                             }};
  score_tokens(model, stream, WindowPlan::standard(40, 8), options,
               [&](const TokenScores& scores) { batch_sizes.push_back(scores.segments.size()); });
  EXPECT_EQ(batch_sizes, (std::vector<size_t>{2, 2, 1}));
  EXPECT_EQ(done, (std::vector<uint64_t>{16, 32, 40}));
}

TEST(ScoreTokens, LeavesTheModelInTheModeItWasIn) {
  Decoder model = random_decoder();
  const auto stream = random_stream(9);
  for (const bool training : {true, false}) {
    model->train(training);
    score_tokens(model, stream, WindowPlan::standard(8, 8), {});
    EXPECT_EQ(model->is_training(), training);
  }
  // Training on a length that was first seen in an evaluation must still work.
  model->train();
  const at::Tensor ids = at::zeros({1, 8}, at::kLong);
  model->logits(model->hidden(ids), ids).sum().backward();
}

TEST(ScoreTokens, RefusesAStreamThatDoesNotFit) {
  Decoder model = random_decoder();
  auto stream = random_stream(9);
  const WindowPlan plan = WindowPlan::standard(8, 8);
  EXPECT_GOLF_ERROR(score_tokens(model, stream, plan, {.batch_seqs = 0}), ErrorCode::kInvalidArgument,
                    "batch of 0");
  EXPECT_GOLF_ERROR(score_tokens(model, std::span(stream).first(8), plan, {}), ErrorCode::kMismatch,
                    "8 tokens for a plan over 8 targets");
  stream[3] = 32;
  EXPECT_GOLF_ERROR(score_tokens(model, stream, plan, {}), ErrorCode::kMismatch,
                    "token 32 at index 3 is not below the model's vocabulary of 32");
}

}  // namespace
}  // namespace golf
