#include "adapt/low_rank_learner.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "golf/artifact/base/error.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/bpb.h"
#include "support/error_matchers.h"
#include "support/run_as_processes.h"
#include "unit/adapt/adapted_text.h"
#include "unit/eval/random_decoder.h"

namespace golf::test {
namespace {

LowRankAdaptConfig made_up_config() {
  LowRankAdaptConfig config{.rank = 2, .lr = 0.01, .weight_decay = 0.5};
  config.documents = {.batch_documents = 4, .chunk_tokens = 8, .context = 16};
  config.phases = {.documents = 6, .phases = 2, .chunk_tokens = 32, .lr = 0.05, .batch_seqs = 2};
  return config;
}

/// What a walk over all chunks leaves.
struct Walk {
  std::vector<float> nll = {};  ///< by target
  std::vector<AdaptUpdate> updates = {};
  TensorSet weights = {};
  TensorSet state = {};
};

/// Walks over the chunks from `first` on.
void walk(AdaptLearner& learner, int64_t first, int64_t end, Walk& into) {
  for (int64_t chunk = first; chunk < end; ++chunk) {
    learner.score(chunk, {}, [&](TokenScores& scores) {
      size_t at = 0;
      for (const ScoreSegment& segment : scores.segments) {
        for (int64_t i = 0; i < segment.count; ++i) {
          float& nll = into.nll[static_cast<size_t>(segment.first_target + i)];
          EXPECT_LT(nll, 0) << "scored twice: " << segment.first_target + i;
          nll = scores.nll_nats[at++];
        }
      }
    });
    for (AdaptUpdate& update : learner.learn(chunk)) into.updates.push_back(std::move(update));
  }
}

class LowRankLearnerTest : public testing::Test {
 protected:
  LowRankLearnerTest() : threads_(at::get_num_threads()) {}
  ~LowRankLearnerTest() override { at::set_num_threads(threads_); }

  Walk new_walk() const { return {.nll = std::vector<float>(text_.tokens.size() - 1, -1)}; }
  AdaptInputs inputs(const EvalProcesses& processes = {}) const {
    return {.text = text_, .settings = {.seq_len = 16, .include_tail = true}, .processes = processes};
  }
  Walk whole_walk(const LowRankAdaptConfig& config) {
    Decoder model = random_decoder();
    const auto learner = make_low_rank_learner(config, model, inputs());
    Walk found = new_walk();
    walk(*learner, 0, learner->chunks(), found);
    found.weights = to_tensor_set(model);
    found.state = learner->state();
    return found;
  }
  static double mean(const std::vector<float>& nll) {
    double sum = 0;
    for (const float value : nll) sum += value;
    return sum / static_cast<double>(nll.size());
  }

  TokenizedText text_ = documents_text();
  int threads_;
};

void expect_same(const Walk& found, const Walk& expected) {
  EXPECT_EQ(found.nll, expected.nll);
  ASSERT_EQ(found.weights.size(), expected.weights.size());
  for (const NamedTensor& tensor : expected.weights) {
    EXPECT_EQ(found.weights.at(tensor.name).bytes, tensor.tensor.bytes) << tensor.name;
  }
}

TEST_F(LowRankLearnerTest, ScoresEveryTargetOnceAndLearns) {
  LowRankAdaptConfig config = made_up_config();
  const Walk both = whole_walk(config);
  for (const float nll : both.nll) EXPECT_GE(nll, 0);
  config.phases.reset();
  const Walk adapters = whole_walk(config);
  config.lr = 0;
  const Walk neither = whole_walk(config);
  EXPECT_LT(mean(adapters.nll), mean(neither.nll) - 0.01);
  EXPECT_NE(mean(both.nll), mean(adapters.nll));
  // Before the first update all agree; the weights stay without phases.
  EXPECT_EQ(both.nll[42], neither.nll[42]);  // in the document of 60, which comes first
  Decoder model = random_decoder();
  expect_same({.nll = neither.nll, .weights = adapters.weights},
              {.nll = neither.nll, .weights = to_tensor_set(model)});
  int64_t phases = 0;
  for (const AdaptUpdate& update : both.updates) phases += update.what == "weights" ? 1 : 0;
  EXPECT_EQ(phases, 2);
}

TEST_F(LowRankLearnerTest, AnUpdateSawNothingThatIsScoredLater) {
  Decoder model = random_decoder();
  const auto learner = make_low_rank_learner(made_up_config(), model, inputs());
  std::vector<bool> scored(text_.tokens.size() - 1);
  int64_t seen = 0;
  for (int64_t chunk = 0; chunk < learner->chunks(); ++chunk) {
    learner->score(chunk, {}, [&](const TokenScores& scores) {
      for (const ScoreSegment& segment : scores.segments) {
        for (int64_t i = 0; i < segment.count; ++i)
          scored[static_cast<size_t>(segment.first_target + i)] = true;
      }
    });
    for (const AdaptUpdate& update : learner->learn(chunk)) {
      for (const ScoreSegment& segment : update.saw) {
        for (int64_t i = 0; i < segment.count; ++i, ++seen) {
          EXPECT_TRUE(scored[static_cast<size_t>(segment.first_target + i)]);
        }
      }
    }
  }
  EXPECT_GT(seen, 100);
}

TEST_F(LowRankLearnerTest, WithoutLearningItScoresTheModelAsItIs) {
  LowRankAdaptConfig config = made_up_config();
  Decoder model = random_decoder();
  const auto learner = make_low_rank_learner(config, model, inputs());
  learner->set_learning(false);
  std::vector<float> nll;
  for (int64_t chunk = 0; chunk < learner->chunks(); ++chunk) {
    learner->score(chunk, {}, [&](const TokenScores& scores) {
      nll.insert(nll.end(), scores.nll_nats.begin(), scores.nll_nats.end());
    });
  }
  learner->set_learning(true);
  Walk after = new_walk();
  walk(*learner, 0, learner->chunks(), after);
  expect_same({.nll = after.nll}, {.nll = whole_walk(config).nll});
  config.phases.reset();
  config.lr = 0;
  EXPECT_NEAR(mean(nll), mean(whole_walk(config).nll), 1e-6);
}

TEST_F(LowRankLearnerTest, GivesTheSameBitsWhateverTheThreadCount) {
  LowRankAdaptConfig config = made_up_config();
  config.grad_steps = 2;
  at::set_num_threads(1);
  const Walk one = whole_walk(config);
  for (const int threads : {2, 5}) {
    at::set_num_threads(threads);
    expect_same(whole_walk(config), one);
  }
}

TEST_F(LowRankLearnerTest, ProcessesShareTheWorkAndFindTheSame) {
  at::set_num_threads(1);
  const Walk expected = whole_walk(made_up_config());
  for (const int64_t count : {2, 3}) {
    std::vector<Walk> walks(static_cast<size_t>(count), new_walk());
    run_as_processes(count, [&](const EvalProcesses& processes) {
      Decoder model = random_decoder();
      const auto learner = make_low_rank_learner(made_up_config(), model, inputs(processes));
      Walk& own = walks[static_cast<size_t>(processes.index)];
      walk(*learner, 0, learner->chunks(), own);
      own.weights = to_tensor_set(model);
      own.state = learner->state();
    });
    for (size_t target = 0; target < expected.nll.size(); ++target) {
      int64_t owners = 0;
      for (const Walk& each : walks) {
        if (each.nll[target] < 0) continue;
        ++owners;
        EXPECT_EQ(each.nll[target], expected.nll[target]) << target;
      }
      EXPECT_EQ(owners, 1) << target;
    }
    for (const Walk& each : walks) {
      expect_same({.nll = expected.nll, .weights = each.weights}, expected);
      expect_same({.nll = expected.nll, .weights = each.state},
                  {.nll = expected.nll, .weights = expected.state});
      ASSERT_EQ(each.updates.size(), expected.updates.size());
      for (size_t i = 0; i < expected.updates.size(); ++i) {
        EXPECT_EQ(each.updates[i].what, expected.updates[i].what);
        ASSERT_EQ(each.updates[i].steps.size(), expected.updates[i].steps.size());
        for (size_t step = 0; step < expected.updates[i].steps.size(); ++step) {
          const AdaptStep &found = each.updates[i].steps[step], &wanted = expected.updates[i].steps[step];
          EXPECT_EQ(found.rows, wanted.rows);
          EXPECT_NEAR(found.loss, wanted.loss, 1e-9);
          EXPECT_NEAR(found.grad_norm, wanted.grad_norm, 1e-9);
        }
      }
    }
  }
}

TEST_F(LowRankLearnerTest, ContinuesFromAnyChunk) {
  const LowRankAdaptConfig config = made_up_config();
  const Walk expected = whole_walk(config);
  const int64_t chunks =
      make_low_rank_learner(config, *std::make_unique<Decoder>(random_decoder()), inputs())->chunks();
  for (int64_t stop = 1; stop <= chunks; stop += 3) {
    Walk found = new_walk();
    TensorSet state;
    {
      Decoder model = random_decoder();
      const auto learner = make_low_rank_learner(config, model, inputs());
      walk(*learner, 0, stop, found);
      state = learner->state();
    }
    Decoder model = random_decoder();
    const auto learner = make_low_rank_learner(config, model, inputs());
    learner->restore(state);
    walk(*learner, stop, chunks, found);
    found.weights = to_tensor_set(model);
    expect_same(found, expected);
  }
}

TEST_F(LowRankLearnerTest, RefusesWhatDoesNotFit) {
  Decoder model = random_decoder();
  const auto make = [&](const LowRankAdaptConfig& config) {
    return make_low_rank_learner(config, model, inputs());
  };
  LowRankAdaptConfig config = made_up_config();
  config.documents.chunk_tokens = 17;
  EXPECT_GOLF_ERROR(make(config), ErrorCode::kInvalidArgument, "longer than the evaluation length of 16");
  config = made_up_config();
  config.phases->documents = 100;
  config.phases->phases = 10;
  EXPECT_GOLF_ERROR(make(config), ErrorCode::kInvalidArgument, "more than the text has documents: 9");
  config = made_up_config();
  text_.document_start = 0;
  EXPECT_GOLF_ERROR(make(config), ErrorCode::kMismatch, "token 0 is not in it");
  text_.document_start.reset();
  EXPECT_GOLF_ERROR(make(config), ErrorCode::kInvalidArgument, "documents are not known");
}

TEST_F(LowRankLearnerTest, StopsAtALossThatIsNotFinite) {
  Decoder model = random_decoder();
  {
    const at::NoGradGuard no_grad;
    model->named_parameters()["tok_emb.weight"][20][3].fill_(NAN);
  }
  const auto learner = make_low_rank_learner(made_up_config(), model, inputs());
  Walk found = new_walk();
  EXPECT_GOLF_ERROR(walk(*learner, 0, learner->chunks(), found), ErrorCode::kRunFailed,
                    "document 3, chunk 1 of");
}

}  // namespace
}  // namespace golf::test
