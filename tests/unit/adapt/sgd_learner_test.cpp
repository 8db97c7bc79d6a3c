#include "adapt/sgd_learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "golf/artifact/base/error.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "support/error_matchers.h"
#include "unit/adapt/adapted_text.h"
#include "unit/eval/random_decoder.h"

namespace golf::test {
namespace {

constexpr int64_t kSeqLen = 16;

class SgdLearnerTest : public testing::Test {
 protected:
  AdaptInputs inputs() const {
    return {.text = text_.view().first(16 * kSeqLen + 1),
            .settings = {.mode = EvalMode::kSliding, .seq_len = kSeqLen, .stride = 4, .batch_seqs = 3}};
  }
  static SgdAdaptConfig config() {
    return {
        .chunk_tokens = 80, .epochs = 2, .lr = 0.1, .momentum = 0.5, .grad_clip_norm = 0.2, .batch_seqs = 2};
  }

  TokenizedText text_ = documents_text();
};

TensorSet weights_of(const Decoder& model) { return to_tensor_set(model); }

void skip_scores(TokenScores&) {}

/// Rows of the text from a target on.
at::Tensor rows(const TokenizedText& text, int64_t first, int64_t count, int64_t shift) {
  at::Tensor ids = at::empty({count, kSeqLen}, at::kLong);
  for (int64_t i = 0; i < count * kSeqLen; ++i) {
    ids.view({-1})[i] = static_cast<int64_t>(text.tokens[static_cast<size_t>(first + shift + i)]);
  }
  return ids;
}

/// PR 1493's rule in a few lines of LibTorch: 256 targets are 4 chunks of 80, 80, 80 and 16; a chunk has 5
/// rows, which are steps of 2, 2 and 1.
TEST_F(SgdLearnerTest, TakesTheStepsOfPlainGradientDescent) {
  Decoder expected = random_decoder(), found = random_decoder();
  std::vector<at::Tensor> velocities;
  for (int64_t chunk = 0; chunk < 3; ++chunk) {
    const double lr = 0.1 * 0.5 * (1 + std::cos(std::numbers::pi * static_cast<double>(chunk) / 3.0));
    for (const int64_t row : {0, 2, 4, 0, 2, 4}) {
      const int64_t first = 80 * chunk + row * kSeqLen, count = std::min<int64_t>(2, 5 - row);
      const at::Tensor ids = rows(text_, first, count, 0), targets = rows(text_, first, count, 1);
      expected->zero_grad();
      mean_nll(expected->logits(expected->hidden(ids), ids), targets).backward();
      const at::NoGradGuard no_grad;
      double squares = 0;
      for (const at::Tensor& p : expected->parameters()) {
        squares += p.grad().to(at::kDouble).square().sum().item<double>();
      }
      const double factor = std::min(1.0, 0.2 / (std::sqrt(squares) + 1e-6));
      size_t i = 0;
      for (at::Tensor& p : expected->parameters()) {
        const at::Tensor gradient = p.grad() * factor;
        if (velocities.size() <= i) velocities.push_back(at::zeros_like(gradient));
        velocities[i] = velocities[i] * 0.5 + gradient;
        p.sub_(velocities[i++] * lr);
      }
    }
  }
  const auto learner = make_sgd_learner(config(), found, inputs());
  ASSERT_EQ(learner->chunks(), 4);
  size_t steps = 0;
  for (int64_t chunk = 0; chunk < 4; ++chunk) {
    learner->score(chunk, {}, skip_scores);
    for (const AdaptUpdate& update : learner->learn(chunk)) steps += update.steps.size();
  }
  EXPECT_EQ(steps, 18U);
  const TensorSet want = weights_of(expected), have = weights_of(found), start = weights_of(random_decoder());
  for (const NamedTensor& tensor : want) {
    const auto expected_values = tensor.tensor.values<float>();
    const auto values = have.at(tensor.name).values<float>();
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i], expected_values[i], 2e-6) << tensor.name;
    }
    EXPECT_NE(have.at(tensor.name).bytes, start.at(tensor.name).bytes) << tensor.name;
  }
}

TEST_F(SgdLearnerTest, ReportsWhatItLearnedFrom) {
  Decoder model = random_decoder();
  const auto learner = make_sgd_learner(config(), model, inputs());
  learner->score(1, {}, skip_scores);
  const std::vector<AdaptUpdate> updates = learner->learn(1);
  ASSERT_EQ(updates.size(), 6U);
  int64_t targets = 0;
  for (const ScoreSegment& saw : updates[0].saw) targets += saw.count;
  EXPECT_EQ(updates[0].saw.front().first_target, 80);
  EXPECT_EQ(targets, 2 * kSeqLen);
  EXPECT_EQ(updates[2].saw, (std::vector<ScoreSegment>{{80 + 64, kSeqLen}}));
  EXPECT_EQ(updates[0].steps.front().rows, 2);
  EXPECT_TRUE(learner->learn(3).empty());  // the last chunk is scored only
}

TEST_F(SgdLearnerTest, ChangesTheNamedWeightsAlone) {
  SgdAdaptConfig some = config();
  some.weights = "^blocks\\.";
  some.frozen = "blocks\\.0|scale";
  Decoder model = random_decoder();
  const TensorSet before = weights_of(model);
  const auto learner = make_sgd_learner(some, model, inputs());
  learner->score(0, {}, skip_scores);
  learner->learn(0);
  int64_t changed = 0;
  for (const NamedTensor& tensor : weights_of(model)) {
    const bool learns =
        tensor.name.starts_with("blocks.1.") && tensor.name.find("scale") == std::string::npos;
    EXPECT_EQ(tensor.tensor.bytes != before.at(tensor.name).bytes, learns) << tensor.name;
    changed += learns ? 1 : 0;
  }
  EXPECT_GE(changed, 6);
  for (const auto& item : model->named_parameters()) EXPECT_TRUE(item.value().requires_grad()) << item.key();
  for (const NamedTensor& tensor : learner->state()) {
    EXPECT_NE(tensor.name.find("blocks.1."), std::string::npos) << tensor.name;
  }
}

TEST_F(SgdLearnerTest, RefusesWhatDoesNotFit) {
  Decoder model = random_decoder();
  const auto make = [&](const SgdAdaptConfig& wanted, AdaptInputs where) {
    return make_sgd_learner(wanted, model, where);
  };
  SgdAdaptConfig wrong = config();
  wrong.chunk_tokens = 257;
  EXPECT_GOLF_ERROR(make(wrong, inputs()), ErrorCode::kInvalidArgument,
                    "a chunk of 257 targets is longer than the evaluation, which has 256");
  wrong.chunk_tokens = 15;
  EXPECT_GOLF_ERROR(make(wrong, inputs()), ErrorCode::kInvalidArgument, "shorter than a row of 16");
  wrong = config();
  wrong.weights = "no_such_tensor";
  EXPECT_GOLF_ERROR(make(wrong, inputs()), ErrorCode::kInvalidArgument,
                    "no tensor of the model learns: \"no_such_tensor\"");
  wrong = config();
  wrong.frozen = ".";
  EXPECT_GOLF_ERROR(make(wrong, inputs()), ErrorCode::kInvalidArgument, "no tensor of the model learns");
  AdaptInputs where = inputs();
  where.settings.policy = window_policy("pr262");
  EXPECT_GOLF_ERROR(make(config(), where), ErrorCode::kInvalidArgument, "score each target once");
}

TEST_F(SgdLearnerTest, RefusesTheStateOfAnotherModel) {
  Decoder model = random_decoder(), wider = random_decoder(48);
  const auto learner = make_sgd_learner(config(), model, inputs());
  const auto other = make_sgd_learner(config(), wider, inputs());
  EXPECT_GOLF_ERROR(learner->restore(other->state()), ErrorCode::kMismatch, "tok_emb.weight");
  EXPECT_GOLF_ERROR(learner->restore({}), ErrorCode::kMismatch, "weights.");
}

TEST_F(SgdLearnerTest, StopsAtALossThatIsNotFinite) {
  Decoder model = random_decoder();
  {
    const at::NoGradGuard no_grad;
    model->named_parameters()["blocks.1.mlp.fc.weight"][0][0].fill_(NAN);
  }
  const auto learner = make_sgd_learner(config(), model, inputs());
  EXPECT_GOLF_ERROR(learner->learn(1), ErrorCode::kRunFailed,
                    "chunk 2 of 4 (targets 80 to 111, documents 3 to 4)");
}

}  // namespace
}  // namespace golf::test
