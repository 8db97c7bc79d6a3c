#include "golf/eval/evaluate.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "eval/resume_file.h"
#include "eval/shared_scores.h"
#include "golf/artifact/base/file.h"
#include "golf/eval/choose_dtype.h"
#include "golf/eval/runtime.h"
#include "golf/model/int8_products.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/hashed_ngram_cache.h"
#include "random_decoder.h"
#include "support/error_matchers.h"
#include "support/run_as_processes.h"
#include "support/temp_dir.h"

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

TEST(Evaluate, ProcessesThatShareItGiveTheFiguresOfOne) {
  Decoder model = random_decoder();
  const TokenizedText text = text_of(random_stream(16 * 11 + 1));
  const EvalSettings settings{.mode = EvalMode::kSliding, .seq_len = 16, .stride = 5, .batch_seqs = 3};
  const PostProcessing cache{.ngram_exact = ExactCacheConfig(), .audit_positions = 9};
  TokenScores traced;
  const EvalResult whole = evaluate(
      model, text, settings, {}, [&](const TokenScores& scores) { traced.append(scores); }, cache);
  for (const int64_t count : {2, 3, 20}) {  // of 20 processes most have no batch
    test::run_as_processes(count, [&](const EvalProcesses& processes) {
      TokenScores heard;
      const EvalResult shared = evaluate(
          model, text, settings, {}, [&](const TokenScores& scores) { heard.append(scores); }, cache,
          processes);
      EXPECT_EQ(shared.val_bpb, whole.val_bpb);
      EXPECT_EQ(shared.stages[0].val_bpb, whole.stages[0].val_bpb);
      EXPECT_EQ(shared.tokens, whole.tokens);
      EXPECT_EQ(heard.nll_nats, traced.nll_nats);
      EXPECT_EQ(heard.segments, traced.segments);
      EXPECT_EQ(shared.stages[1].normalization->positions, 9);
    });
  }
}

struct Killed {};

TEST(Evaluate, GoesOnAfterAKillToTheSameFigures) {
  Decoder model = random_decoder();
  const TokenizedText text = text_of(random_stream(16 * 11 + 1));
  const EvalSettings settings{.mode = EvalMode::kSliding, .seq_len = 16, .stride = 5, .batch_seqs = 3};
  const PostProcessing tilt{.ngram_tilt = NgramTiltConfig{.order = 3, .threshold = 0.4, .boost = 1.0}};
  int64_t batches = 0;
  const EvalResult whole = evaluate(
      model, text, settings, [&](const Progress&) { ++batches; }, {}, tilt);
  ASSERT_GT(batches, 8);
  for (int64_t kill = 0; kill < batches; ++kill) {
    const test::TempDir dir;
    const ResumeOptions resume{.file = dir.file("run.resume"), .seconds = 0, .identity = "this"};
    const auto die = [left = kill](const Progress&) mutable {
      if (left-- == 0) throw Killed{};
    };
    EXPECT_THROW(evaluate(model, text, settings, die, {}, tilt, {}, resume), Killed);
    const Bytes middle = read_file(resume.file);
    for (const int64_t count : {1, 3}) {
      write_file_atomic(resume.file, middle);
      test::run_as_processes(count, [&](const EvalProcesses& processes) {
        int64_t scored = 0;
        const EvalResult found = evaluate(
            model, text, settings, {}, [&](const TokenScores& scores) { scored += scores.size(); }, tilt,
            processes, resume);
        EXPECT_EQ(found.val_bpb, whole.val_bpb) << kill;
        EXPECT_EQ(found.stages[0].val_bpb, whole.stages[0].val_bpb) << kill;
        EXPECT_EQ(found.tokens, whole.tokens) << kill;
        EXPECT_LT(scored, whole.tokens) << "what was scored before the kill is scored again";
      });
    }
  }
}

TEST(Evaluate, RefusesResumeFilesThatDoNotBelongToIt) {
  Decoder model = random_decoder();
  const TokenizedText text = text_of(random_stream(16 * 11 + 1));
  const EvalSettings settings{.seq_len = 16, .batch_seqs = 3};
  const test::TempDir dir;
  ResumeOptions resume{.file = dir.file("run.resume"), .identity = "this"};
  const auto run = [&](const PostProcessing& post = {}) {
    return evaluate(model, text, settings, {}, {}, post, {}, resume);
  };
  EXPECT_GOLF_ERROR(run({.ngram_exact = ExactCacheConfig()}), ErrorCode::kInvalidArgument,
                    "--resume: the n-gram caches");
  run();
  resume.identity = "that";
  EXPECT_GOLF_ERROR(run(), ErrorCode::kMismatch, "run.resume: belongs to another evaluation");
  resume.identity = "this";
  Bytes bytes = read_file(resume.file);
  for (size_t length = 0; length < bytes.size(); length += 7) {
    write_file_atomic(resume.file, ByteView(bytes).first(length));
    EXPECT_GOLF_ERROR(run(), ErrorCode::kCorruptData, "run.resume: is damaged");
  }
  const auto forge = [&](Json facts) {
    facts["seconds"] = 1.0;
    write_file_atomic(resume.file,
                      encode_resume_point({.facts = std::move(facts)}, "golf.eval.resume/1", "this"));
  };
  const Json totals = Json::array({Json::array({1.5, 48, 40})});
  forge(Json::object({{"windows", 2}, {"stages", totals}}));  // batches hold 3
  EXPECT_GOLF_ERROR(run(), ErrorCode::kCorruptData, "run.resume: 2 windows of 11");
  forge(Json::object({{"windows", 12}, {"stages", totals}}));
  EXPECT_GOLF_ERROR(run(), ErrorCode::kCorruptData, "run.resume: 12 windows of 11");
  forge(Json::object({{"windows", 3}, {"stages", Json::array({})}}));
  EXPECT_THROW(run(), Error);
  write_file_atomic(resume.file, encode_resume_point({}, "golf.adapt.resume/2", "this"));
  EXPECT_GOLF_ERROR(run(), ErrorCode::kUnsupported, "run.resume: schema is");
}

TEST(Evaluate, ScoresThatEndTooEarlyAreRefused) {
  const TokenScores scores{.segments = {{3, 2}}, .nll_nats = {1, 2}, .samples = {{1, {0.5, 0.5}}}};
  const std::string text = encode(scores);
  EXPECT_EQ(decode_scores(text).samples[0].probabilities, scores.samples[0].probabilities);
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_GOLF_ERROR(decode_scores(text.substr(0, length)), ErrorCode::kCorruptData, "end too early");
  }
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

TEST(Evaluate, StreamingScoresEachTargetOnceOverTheLastSequence) {
  Decoder model = random_decoder();
  const auto stream = random_stream(16 * 11 + 6);
  const EvalSettings settings{.mode = EvalMode::kStreaming, .seq_len = 16, .pack_seqs = 3, .batch_seqs = 2};
  std::vector<float> nll;
  const EvalResult result = evaluate(model, text_of(stream), settings, {}, [&](const TokenScores& scores) {
    nll.insert(nll.end(), scores.nll_nats.begin(), scores.nll_nats.end());
  });
  EXPECT_EQ(result.tokens, 16 * 11);
  EXPECT_EQ(result.coverage.repeated, 0);
  EXPECT_EQ(result.windows, 5);  // 48 targets, then 32 each
  // The second chunk, written out: it reads from target 32 on and scores from 48 on.
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> ids(stream.begin() + 32, stream.begin() + 32 + 48);
  const at::Tensor ids_BT = at::tensor(ids).unsqueeze(0);
  const at::Tensor h = model->hidden(ids_BT, {}, nullptr, {.attention_window = 16});
  const at::Tensor log_p = model->logits(h, ids_BT).to(at::kDouble).log_softmax(-1)[0];
  for (int64_t p = 16; p < 48; ++p) {
    const int64_t target = stream[static_cast<size_t>(32 + p + 1)];
    EXPECT_NEAR(nll[static_cast<size_t>(32 + p)], -log_p[p][target].item<double>(), 1e-5) << p;
  }
  EvalSettings alone = settings;
  alone.pack_seqs = 1;
  EXPECT_GOLF_ERROR(evaluate(model, text_of(stream), alone), ErrorCode::kInvalidArgument,
                    "a chunk has at least 2 sequences");
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

/// A model wide enough for int8 products, and a text.
struct WideModel {
  ModelConfig config{.vocab_size = 32,
                     .num_layers = 2,
                     .model_dim = 64,
                     .num_heads = 2,
                     .num_kv_heads = 1,
                     .mlp_hidden = 96};
  TensorSet weights;
  TokenizedText text = text_of(random_stream(64 * 24 + 1));

  WideModel() {
    Decoder model(config);
    const at::NoGradGuard no_grad;
    at::manual_seed(3);
    for (at::Tensor& parameter : model->parameters()) parameter.normal_(0.0, 0.15);
    weights = to_tensor_set(model);
  }
  EvalResult score(const std::string& dtype) const {
    Decoder model = make_decoder(config, weights, choose_runtime("cpu", dtype));
    return evaluate(model, text, {.seq_len = 64, .batch_seqs = 5});
  }
};

TEST(Evaluate, Int8StaysNearFloat32WhateverTheThreadCount) {
  const WideModel model;
  const EvalResult exact = model.score("fp32"), int8 = model.score("int8");
  EXPECT_NE(int8.val_bpb, exact.val_bpb);
  EXPECT_NEAR(int8.val_bpb, exact.val_bpb, 0.003);
  const int threads = at::get_num_threads();
  for (const int count : {1, 3}) {
    at::set_num_threads(count);
    EXPECT_EQ(model.score("int8").val_bpb, int8.val_bpb);
  }
  at::set_num_threads(threads);
}

TEST(Evaluate, Int8TakesTheIntegersOfQuantizedWeights) {
  WideModel model;
  Decoder decoder = make_decoder(model.config, model.weights, choose_runtime("cpu", "int8"));
  int exact = 0, rounded = 0;
  const auto count = [&](Decoder& scored) {
    exact = rounded = 0;
    evaluate(scored, model.text, {.seq_len = 64});
    for_each_int8_matrix(scored, [&](bool is_exact) { ++(is_exact ? exact : rounded); });
  };
  count(decoder);
  EXPECT_EQ(exact, 0);
  EXPECT_EQ(rounded, 2 * 6 + 1);  // the embedding is the head
  {
    const at::NoGradGuard no_grad;
    for (at::Tensor& weight : decoder->parameters()) weight.copy_(at::round(weight * 64) / 64);
  }
  use_int8_products(decoder);  // takes the weights anew
  count(decoder);
  EXPECT_EQ(exact, 2 * 6 + 1);
  EXPECT_EQ(rounded, 0);
}

TEST(ChooseDtype, TakesTheFastestWithinTheTolerance) {
  const WideModel model;
  const DtypeChoice all = choose_dtype(model.config, model.weights, model.text, 64, /*tolerance=*/1.0);
  ASSERT_GE(all.trials.size(), 2U);
  EXPECT_EQ(all.trials.front().dtype, "fp32");
  EXPECT_EQ(all.trials.front().bpb_difference, 0.0);
  EXPECT_EQ(all.trials.back().dtype, "int8");
  double fastest = 0;
  for (const DtypeChoice::Trial& trial : all.trials) {
    EXPECT_TRUE(trial.allowed);
    fastest = std::max(fastest, trial.tokens_per_second);
  }
  for (const DtypeChoice::Trial& trial : all.trials) {
    if (trial.dtype == all.chosen) {
      EXPECT_EQ(trial.tokens_per_second, fastest);
    }
  }
  const DtypeChoice none = choose_dtype(model.config, model.weights, model.text, 64, /*tolerance=*/0.0);
  EXPECT_EQ(none.chosen, "fp32");
  test::run_as_processes(3, [&](const EvalProcesses& processes) {
    const DtypeChoice shared =
        choose_dtype(model.config, model.weights, model.text, 64, /*tolerance=*/1.0, processes);
    EXPECT_EQ(processes.gather(shared.chosen), std::vector<std::string>(3, shared.chosen));
  });
}

TEST(Runtime, KnowsItsWords) {
  const Runtime runtime = choose_runtime("cpu", "auto");
  EXPECT_EQ(runtime.device_text(), "cpu");
  EXPECT_EQ(runtime.dtype_text(), "fp32");
  EXPECT_EQ(choose_runtime("cpu", "bf16").dtype_text(), "bf16");
  EXPECT_GOLF_ERROR(choose_runtime("tpu", "auto"), ErrorCode::kInvalidArgument, "auto, cpu, cuda");
  EXPECT_GOLF_ERROR(choose_runtime("cpu", "fp16"), ErrorCode::kInvalidArgument, "auto, fp32, bf16, int8");
  EXPECT_EQ(choose_runtime("cpu", "int8").dtype_text(), "int8");
  EXPECT_EQ(choose_runtime("cpu", "").dtype_text(), "fp32");
  EXPECT_GOLF_ERROR(choose_runtime("cuda:99", "auto"), ErrorCode::kIo, "use --device cpu");
}

}  // namespace
}  // namespace golf
