#include "golf/model/loss.h"

#include <cmath>

#include "support/error_matchers.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

TEST(Loss, OfEvenOddsIsTheLogOfTheirNumber) {
  const torch::Tensor logits = at::full({2, 3, 50}, 4.0F);
  const torch::Tensor targets = at::randint(50, {2, 3}, torch::kLong);
  EXPECT_LT(max_difference(token_nll(logits, targets), at::full({2, 3}, std::log(50.0))), 1e-6);
  EXPECT_NEAR(mean_nll(logits, targets).item<double>(), std::log(50.0), 1e-6);
  EXPECT_LT(max_difference(token_entropy(logits), at::full({2, 3}, std::log(50.0))), 1e-6);
}

TEST(Loss, EachPositionIsScoredByItsOwnTarget) {
  torch::Tensor logits = at::zeros({1, 2, 3});
  logits[0][0][1] = std::log(2.0);  // 1/4, 1/2, 1/4
  const torch::Tensor nll = token_nll(logits, at::tensor({1, 2}, torch::kLong).view({1, 2}));
  EXPECT_NEAR(nll[0][0].item<double>(), std::log(2.0), 1e-6);
  EXPECT_NEAR(nll[0][1].item<double>(), std::log(3.0), 1e-6);
  EXPECT_NEAR(token_entropy(logits)[0][0].item<double>(), 1.5 * std::log(2.0), 1e-6);
}

TEST(Loss, ReadsHalfTypesAsFloat32) {
  const torch::Tensor logits = at::randn({2, 3, 50}).to(torch::kBFloat16);
  const torch::Tensor targets = at::randint(50, {2, 3}, torch::kLong);
  EXPECT_EQ(token_nll(logits, targets).scalar_type(), torch::kFloat);
  EXPECT_TRUE(at::equal(token_nll(logits, targets), token_nll(logits.to(torch::kFloat), targets)));
  EXPECT_TRUE(at::equal(token_entropy(logits), token_entropy(logits.to(torch::kFloat))));
}

TEST(Loss, TheSoftcappedLossEqualsItsFormulaAndGradient) {
  for (const double scale : {1.0, 40.0, 2000.0}) {  // the last saturates the softcap everywhere
    torch::Tensor scores = (at::randn({3, 7, 50}) * scale).set_requires_grad(true);
    const torch::Tensor targets = at::randint(50, {3, 7}, torch::kLong);
    torch::Tensor exact = scores.detach().to(torch::kDouble).set_requires_grad(true);
    const torch::Tensor logits = 30.0 * at::tanh(exact / 30.0);
    const torch::Tensor expected = -at::log_softmax(logits, -1).gather(-1, targets.unsqueeze(-1)).mean();
    const torch::Tensor found = softcapped_mean_nll(scores, 30.0, targets);
    EXPECT_EQ(found.dim(), 0);
    EXPECT_NEAR(found.item<double>(), expected.item<double>(), 2e-6 * (1 + expected.item<double>()));
    (expected * 0.25).backward();
    (found * 0.25).backward();
    EXPECT_LT(max_difference(scores.grad(), exact.grad()), 1e-8) << "scale " << scale;
  }
}

TEST(Loss, ScoredPositionsEqualTheLogitsOwnScores) {
  Decoder model = random_model(small_config());
  const torch::Tensor ids = random_ids(2, 9, small_config()), targets = random_ids(2, 9, small_config());
  const at::NoGradGuard no_grad;
  const torch::Tensor h = model->hidden(ids) * 3, logits = model->logits(h, ids);
  const PositionScores scores = score_positions(model, h, ids, targets, /*with_entropy=*/true);
  EXPECT_EQ(scores.nll_BT.sizes(), targets.sizes());
  EXPECT_LT(max_difference(scores.nll_BT, token_nll(logits, targets)), 1e-5);
  EXPECT_LT(max_difference(scores.entropy_BT, token_entropy(logits)), 1e-5);
  EXPECT_FALSE(score_positions(model, h, ids, targets, /*with_entropy=*/false).entropy_BT.defined());
}

TEST(Loss, ATargetOutsideTheVocabularyIsRefused) {
  const torch::Tensor scores = at::randn({1, 2, 50});
  for (const int64_t bad : {int64_t{-1}, int64_t{50}}) {
    const torch::Tensor targets = at::tensor({int64_t{3}, bad}).view({1, 2});
    EXPECT_GOLF_ERROR(softcapped_mean_nll(scores, 30.0, targets), ErrorCode::kInvalidArgument,
                      std::to_string(bad) + " is outside the vocabulary of 50");
  }
}

}  // namespace
}  // namespace golf::test
