// The walk over the chunks, with both learners: score, learn, log, kill and resume, threads and processes.
#include "golf/adapt/evaluate_adapted.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/eval/evaluate.h"
#include "support/error_matchers.h"
#include "support/run_as_processes.h"
#include "support/temp_dir.h"
#include "unit/adapt/adapted_text.h"
#include "unit/eval/random_decoder.h"

namespace golf::test {
namespace {

AdaptConfig sgd() {
  return {.sgd = SgdAdaptConfig{.chunk_tokens = 48, .epochs = 2, .lr = 0.2, .batch_seqs = 2}};
}

AdaptConfig low_rank() {
  LowRankAdaptConfig config{.rank = 2, .lr = 0.01};
  config.documents = {.batch_documents = 4, .chunk_tokens = 8, .context = 16};
  config.phases = {.documents = 6, .phases = 2, .chunk_tokens = 32, .lr = 0.05, .batch_seqs = 2};
  return {.low_rank = config};
}

class EvaluateAdapted : public testing::TestWithParam<const char*> {
 protected:
  EvaluateAdapted() : threads_(at::get_num_threads()) { at::set_num_threads(1); }
  ~EvaluateAdapted() override { at::set_num_threads(threads_); }

  static bool is_sgd() { return std::string(GetParam()) == "sgd"; }
  AdaptedResult run(const AdaptOptions& options = {}, const AdaptConfig* config = nullptr) const {
    Decoder model = random_decoder();
    const EvalSettings settings{.mode = is_sgd() ? EvalMode::kSliding : EvalMode::kStandard,
                                .seq_len = 16,
                                .stride = 4,
                                .batch_seqs = 3};
    return evaluate_adapted(model, text_, settings,
                            config != nullptr ? *config
                            : is_sgd()        ? sgd()
                                              : low_rank(),
                            options);
  }

  TokenizedText text_ = documents_text();

 private:
  int threads_;
};

TEST_P(EvaluateAdapted, LearnsAndProvesItsOrder) {
  const AdaptedResult found = run();
  EXPECT_TRUE(found.audit.passed()) << to_json(found.audit).dump(2);
  EXPECT_GT(found.audit.updates, 5);
  EXPECT_EQ(found.result.tokens, 272);  // whole sequences of 274 tokens
  EXPECT_EQ(found.result.bytes, 544);
  ASSERT_EQ(found.result.stages.size(), 2U);
  EXPECT_EQ(found.result.stages[0].name, "model");
  EXPECT_EQ(found.result.stages[1].name, "adapted");
  EXPECT_LT(found.result.val_bpb, found.result.stages[0].val_bpb);
  EXPECT_EQ(found.result.stages[1].val_bpb, found.result.val_bpb);
  EXPECT_EQ(found.audit.totals.tokens, 272);
  EXPECT_NEAR(found.audit.totals.val_bpb(), found.result.val_bpb, 1e-12);
  const std::string text = encode(found.receipt);
  EXPECT_TRUE(audit_adaptation(parse_receipt(as_bytes(text), "receipt")).passed());

  std::set<std::string> ids;
  for (const AdaptFinding& one : found.audit.findings) ids.insert(one.id);
  EXPECT_EQ(ids, is_sgd() ? (std::set<std::string>{"schedule"})
                          : (std::set<std::string>{"scoring-order", "length-order"}));
}

TEST_P(EvaluateAdapted, NothingIsLearnedWithoutUpdates) {
  AdaptConfig still = is_sgd() ? sgd() : low_rank();
  if (still.sgd) still.sgd->epochs = 0;
  if (still.low_rank) {
    still.low_rank->lr = 0;
    still.low_rank->phases.reset();
  }
  const AdaptedResult found = run({}, &still);
  EXPECT_NEAR(found.result.val_bpb, found.result.stages[0].val_bpb, is_sgd() ? 0.0 : 1e-6);
  if (!is_sgd()) return;
  Decoder model = random_decoder();
  const EvalResult plain =
      evaluate(model, text_, {.mode = EvalMode::kSliding, .seq_len = 16, .stride = 4, .batch_seqs = 3});
  EXPECT_EQ(found.result.val_bpb, plain.val_bpb);
  EXPECT_EQ(found.audit.updates, 0);
  EXPECT_TRUE(found.audit.findings.empty());
}

TEST_P(EvaluateAdapted, GivesTheSameBitsWhateverTheThreadCount) {
  const AdaptedResult one = run();
  for (const int threads : {2, 3}) {
    at::set_num_threads(threads);
    const AdaptedResult found = run();
    EXPECT_EQ(found.result.val_bpb, one.result.val_bpb);
    EXPECT_EQ(encode(found.receipt), encode(one.receipt));
  }
}

TEST_P(EvaluateAdapted, ProcessesShareTheWorkAndFindTheSame) {
  const AdaptedResult one = run();
  for (const int64_t count : {2, 3}) {
    std::vector<AdaptedResult> found(static_cast<size_t>(count));
    run_as_processes(count, [&](const EvalProcesses& processes) {
      at::set_num_threads(1);
      found[static_cast<size_t>(processes.index)] = run({.processes = processes});
    });
    for (const AdaptedResult& each : found) {
      EXPECT_NEAR(each.result.val_bpb, one.result.val_bpb, 1e-9);
      EXPECT_NEAR(each.result.stages[0].val_bpb, one.result.stages[0].val_bpb, 1e-9);
      EXPECT_EQ(each.result.tokens, one.result.tokens);
      EXPECT_EQ(each.result.bytes, one.result.bytes);
      EXPECT_TRUE(each.audit.passed()) << to_json(each.audit).dump(2);
      EXPECT_EQ(each.audit.updates, one.audit.updates);
    }
  }
}

struct Killed {};

/// Dies after so many reports of progress, as a process that is killed between two scores.
ProgressSink die_after(int reports) {
  return [left = reports](const Progress&) mutable {
    if (left-- == 0) throw Killed{};
  };
}

TEST_P(EvaluateAdapted, ContinuesAfterAKill) {
  const AdaptedResult whole = run();
  int reports = 0;
  run({.progress = [&](const Progress&) { ++reports; }});
  ASSERT_GT(reports, 12);
  for (int kill = 0; kill < 10; ++kill) {
    const TempDir dir;
    const int at = kill * (reports - 1) / 9;
    AdaptOptions options{.resume = {.file = dir.file("run.resume"), .seconds = 0, .identity = "this"}};
    options.progress = die_after(at);
    EXPECT_THROW(run(options), Killed) << at;
    options.progress = {};
    const AdaptedResult found = run(options);
    EXPECT_EQ(found.result.val_bpb, whole.result.val_bpb) << at;
    EXPECT_EQ(found.result.stages[0].val_bpb, whole.result.stages[0].val_bpb) << at;
    EXPECT_EQ(encode(found.receipt), encode(whole.receipt)) << at;
  }
}

TEST_P(EvaluateAdapted, AKillOfTwoProcessesIsContinuedByOneOrThree) {
  const AdaptedResult whole = run();
  const TempDir dir;
  AdaptOptions options{.resume = {.file = dir.file("run.resume"), .seconds = 0, .identity = "this"}};
  // Both stop at the same report: a thread that waits for the other could not end.
  int64_t saves = 0;
  Bytes middle;
  options.progress = [&](const Progress&) {
    if (std::filesystem::exists(options.resume.file) && ++saves == 12)
      middle = read_file(options.resume.file);
  };
  run_as_processes(2, [&](const EvalProcesses& processes) {
    at::set_num_threads(1);
    AdaptOptions own = options;
    own.processes = processes;
    if (!processes.first()) own.progress = {};
    run(own);
  });
  ASSERT_FALSE(middle.empty());
  for (const int64_t count : {1, 3}) {
    write_file_atomic(options.resume.file, middle);
    run_as_processes(count, [&](const EvalProcesses& processes) {
      at::set_num_threads(1);
      AdaptOptions own = options;
      own.progress = {};
      own.processes = processes;
      const AdaptedResult found = run(own);
      EXPECT_NEAR(found.result.val_bpb, whole.result.val_bpb, 1e-9);
      EXPECT_EQ(found.result.tokens, whole.result.tokens);
      EXPECT_TRUE(found.audit.passed()) << to_json(found.audit).dump(2);
    });
  }
}

TEST_P(EvaluateAdapted, RefusesTheResumeFileOfAnotherEvaluation) {
  const TempDir dir;
  AdaptOptions options{.resume = {.file = dir.file("run.resume"), .seconds = 0, .identity = "this"}};
  run(options);
  options.resume.identity = "that";
  EXPECT_GOLF_ERROR(run(options), ErrorCode::kMismatch, "run.resume: belongs to another evaluation");
  write_file_atomic(options.resume.file, as_bytes("nothing of the kind"));
  EXPECT_GOLF_ERROR(run(options), ErrorCode::kCorruptData, "run.resume: is damaged");
}

TEST_P(EvaluateAdapted, TheTiltComposes) {
  PostProcessing tilt;
  tilt.ngram_tilt = NgramTiltConfig{.order = 3, .threshold = 0.4, .boost = 1.0};
  const AdaptedResult plain = run(), found = run({.post_processing = tilt});
  ASSERT_EQ(found.result.stages.size(), 3U);
  EXPECT_EQ(found.result.stages[1].val_bpb, plain.result.val_bpb);
  EXPECT_EQ(found.result.stages[2].name, "ngram-tilt");
  EXPECT_NE(found.result.val_bpb, plain.result.val_bpb);
  EXPECT_TRUE(found.audit.passed());
  std::set<std::string> ids;
  for (const AdaptFinding& one : found.audit.findings) ids.insert(one.id);
  EXPECT_EQ(ids.contains("count-order"), !is_sgd());
}

TEST_P(EvaluateAdapted, ACacheThatLearnsCannotBeResumed) {
  const TempDir dir;
  AdaptOptions options{.resume = {.file = dir.file("run.resume"), .identity = "this"}};
  options.post_processing.ngram_exact = ExactCacheConfig{};
  EXPECT_GOLF_ERROR(run(options), ErrorCode::kInvalidArgument, "--resume: the n-gram caches");
}

TEST_P(EvaluateAdapted, ALossThatIsNotFiniteStopsWithItsPlace) {
  AdaptConfig wild = is_sgd() ? sgd() : low_rank();
  if (wild.sgd) wild.sgd->lr = 1e30;
  if (wild.low_rank) wild.low_rank->lr = 1e30;
  if (is_sgd()) {
    EXPECT_GOLF_ERROR(run({}, &wild), ErrorCode::kRunFailed,
                      "chunk 1 of 6 (targets 32 to 47, documents 1 to 3)");
  } else {
    EXPECT_GOLF_ERROR(run({}, &wild), ErrorCode::kRunFailed, "document");
  }
}

INSTANTIATE_TEST_SUITE_P(Learners, EvaluateAdapted, testing::Values("sgd", "low_rank"),
                         [](const testing::TestParamInfo<const char*>& info) { return info.param; });

}  // namespace
}  // namespace golf::test
