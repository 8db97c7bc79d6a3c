#include "golf/eval/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golf/eval/runtime.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/hashed_ngram_cache.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

/// Id i is text of i % 3 bytes with a leading space when i is odd; id 0 is a boundary.
TokenizedText text_of(const std::vector<uint16_t>& stream) {
  TokenBytes table;
  for (int id = 0; id < 32; ++id) {
    table.base_bytes.push_back(static_cast<int16_t>(id % 3));
    table.has_leading_space.push_back(id % 2 == 1);
    table.is_boundary.push_back(id == 0);
  }
  return make_text(stream, table);
}

TEST(Evaluate, PartsOfAnEvaluationAddUpToTheWhole) {
  Decoder model = random_decoder();
  const std::vector<uint16_t> stream = random_stream(16 * 11 + 1);
  const EvalSettings settings{.mode = EvalMode::kSliding, .seq_len = 16, .stride = 5, .batch_seqs = 3};
  const EvalResult whole = evaluate(model, text_of(stream), settings);
  for (const int64_t count : {2, 3, 100}) {  // of 100 parts most have no window
    std::map<int, double> sums;
    for (const int pass : {0, 1}) {  // the first adds up what the second is told
      for (int64_t index = 0; index < count; ++index) {
        int call = 0;
        const auto sum = [&](double value) {
          if (pass == 0) sums[call] += value;
          return sums[call++];
        };
        const EvalResult part = evaluate(model, text_of(stream), settings, {}, {}, {},
                                         {.index = index, .count = count, .sum = sum});
        if (pass == 0) continue;
        EXPECT_NEAR(part.val_bpb, whole.val_bpb, 1e-9);
        EXPECT_EQ(part.tokens, whole.tokens);
        EXPECT_EQ(part.bytes, whole.bytes);
      }
    }
  }
}

TEST(Evaluate, RefusesToShareACacheBeforeScoring) {
  Decoder model = random_decoder();
  bool scored = false;
  const auto shared = [&] {
    evaluate(model, text_of(random_stream(16 * 11 + 1)), {.seq_len = 16}, {},
             [&](const TokenScores&) { scored = true; }, {.ngram_exact = ExactCacheConfig()},
             {.index = 0, .count = 2, .sum = [](double value) { return value; }});
  };
  EXPECT_GOLF_ERROR(shared(), ErrorCode::kInvalidArgument, "cannot be shared");
  EXPECT_FALSE(scored);
}

TEST(Evaluate, SumsWhatTheTraceHolds) {
  Decoder model = random_decoder();
  const auto stream = random_stream(100);
  TokenScores trace;
  const EvalResult result = evaluate(model, text_of(stream),
                                     {.mode = EvalMode::kSliding,
                                      .seq_len = 16,
                                      .stride = 4,
                                      .policy = window_policy("pr262"),
                                      .batch_seqs = 5},
                                     {}, [&](const TokenScores& scores) { trace.append(scores); });
  double loss = 0;
  int64_t bytes = 0;
  size_t next = 0;
  for (const ScoreSegment& segment : trace.segments) {
    for (int64_t t = segment.first_target; t < segment.first_target + segment.count; ++t) {
      loss += trace.nll_nats[next++];
      const int id = stream[static_cast<size_t>(t) + 1];
      bytes += id % 3 + (id % 2 == 1 && stream[static_cast<size_t>(t)] != 0 ? 1 : 0);
    }
  }
  EXPECT_EQ(result.tokens, 96 + 3 * 4);  // 99 targets cut to 96; three shortened windows count 4 again
  EXPECT_EQ(result.tokens, static_cast<int64_t>(next));
  EXPECT_EQ(result.bytes, bytes);
  EXPECT_DOUBLE_EQ(result.val_loss, loss / static_cast<double>(next));
  EXPECT_DOUBLE_EQ(result.val_bpb, loss / std::log(2.0) / static_cast<double>(bytes));
  EXPECT_EQ(result.dropped_tail, 3);
  EXPECT_EQ(result.coverage.repeated, 12);
}

TEST(Evaluate, RunsThePostProcessorsOverItsOwnTrace) {
  Decoder model = random_decoder();
  const auto stream = random_stream(400);
  const EvalSettings settings{.mode = EvalMode::kSliding, .seq_len = 16, .stride = 4, .batch_seqs = 5};
  TokenScores plain;
  const EvalResult alone = evaluate(model, text_of(stream), settings, {},
                                    [&](const TokenScores& scores) { plain.append(scores); });
  const HashedNgramConfig hashed{.buckets = 1024, .weight = {.mode = EntropyWeight::Mode::kFixed}};
  const auto kept = std::span(stream).first(385);
  HashedNgramCache(hashed, kept, static_cast<int64_t>(plain.segments.size()), 32).run(plain);

  TokenScores adjusted;
  const EvalResult result = evaluate(model, text_of(stream), settings, {},
                                     [&](const TokenScores& scores) { adjusted.append(scores); },
                                     {.ngram_hashed = hashed, .audit_positions = 20});
  EXPECT_EQ(adjusted.nll_nats, plain.nll_nats);
  ASSERT_EQ(result.stages.size(), 2U);
  EXPECT_EQ(result.stages[0].val_bpb, alone.val_bpb);
  EXPECT_EQ(result.stages[1].val_bpb, result.val_bpb);
  EXPECT_EQ(result.legality, "not normalized: ruled out");
  EXPECT_EQ(result.stages[1].normalization->positions, 20);
  EXPECT_EQ(alone.legality, "normalized");
}

TEST(Evaluate, SlidingByWholeWindowsIsTheStandardEvaluation) {
  Decoder model = random_decoder();
  const auto stream = random_stream(65);
  const EvalResult standard = evaluate(model, text_of(stream), {.seq_len = 16});
  const EvalResult sliding =
      evaluate(model, text_of(stream), {.mode = EvalMode::kSliding, .seq_len = 16, .stride = 16});
  EXPECT_EQ(standard.tokens, 64);
  EXPECT_EQ(sliding.bytes, standard.bytes);
  EXPECT_DOUBLE_EQ(sliding.val_bpb, standard.val_bpb);
}

TEST(Evaluate, ReportsTheRunningBpb) {
  Decoder model = random_decoder();
  const auto stream = random_stream(65);
  std::string note;
  const EvalResult result = evaluate(model, text_of(stream), {.seq_len = 16, .batch_seqs = 1},
                                     [&](const Progress& progress) { note = progress.note; });
  char expected[32];
  std::snprintf(expected, sizeof(expected), "bpb %.4f", result.val_bpb);
  EXPECT_EQ(note, expected);
}

TEST(Evaluate, SaysWhereAScoreStopsBeingFinite) {
  Decoder model = random_decoder();
  TensorSet tensors = to_tensor_set(model);
  auto stream = random_stream(33);
  for (uint16_t& token : stream) token = token == 5 ? 6 : token;
  stream[20] = 5;
  tensors.find("tok_emb.weight")->values<float>()[5 * 16] = std::numeric_limits<float>::quiet_NaN();
  load_tensors(model, tensors);
  // The head is tied, so every prediction sees the broken row.
  const EvalResult result = evaluate(model, text_of(stream), {.seq_len = 16});
  EXPECT_EQ(result.first_nonfinite_target, 0);
  EXPECT_GOLF_ERROR(require_finite(result), ErrorCode::kCorruptData, "not finite from target 0");
}

TEST(Evaluate, RefusesABpbWithoutBytes) {
  Decoder model = random_decoder();
  const TokenizedText text{.tokens = random_stream(17), .bytes = std::vector<uint16_t>(17)};
  const EvalResult result = evaluate(model, text, {.seq_len = 16});
  EXPECT_GOLF_ERROR(require_finite(result), ErrorCode::kCorruptData, "16 scored tokens stand for 0 bytes");
}

TEST(Evaluate, RefusesTooFewTokens) {
  Decoder model = random_decoder();
  EXPECT_GOLF_ERROR(evaluate(model, text_of(random_stream(16)), {.seq_len = 16}), ErrorCode::kInvalidArgument,
                    "fewer than one sequence of 16");
}

TEST(Runtime, KnowsItsWords) {
  const Runtime runtime = choose_runtime("cpu", "auto");
  EXPECT_EQ(runtime.device_text(), "cpu");
  EXPECT_EQ(runtime.dtype_text(), "fp32");
  EXPECT_EQ(choose_runtime("cpu", "bf16").dtype_text(), "bf16");
  EXPECT_GOLF_ERROR(choose_runtime("tpu", "auto"), ErrorCode::kInvalidArgument, "auto, cpu, cuda");
  EXPECT_GOLF_ERROR(choose_runtime("cpu", "fp16"), ErrorCode::kInvalidArgument, "auto, fp32, bf16");
  EXPECT_GOLF_ERROR(choose_runtime("cuda:99", "auto"), ErrorCode::kIo, "use --device cpu");
}

}  // namespace
}  // namespace golf
