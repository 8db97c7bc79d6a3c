// What a training loss is made of besides the next token: heads that look further, rounded matrices, noise.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "golf/model/loss.h"
#include "golf/model/parameter_init.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/objective/mtp_heads.h"
#include "golf/train/objective/qat.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf {
namespace {

Decoder small_model() {
  Decoder model(ModelConfig{.vocab_size = 32,
                            .num_layers = 2,
                            .model_dim = 16,
                            .num_heads = 2,
                            .num_kv_heads = 1,
                            .mlp_hidden = 32});
  init_parameters(model, {}, 7);
  model->train();
  return model;
}

std::vector<NamedParameter> parameters_of(const Decoder& model) {
  std::vector<NamedParameter> parameters;
  for (const auto& item : model->named_parameters()) parameters.push_back({item.key(), item.value()});
  return parameters;
}

torch::Tensor tokens(int64_t rows, int64_t columns) {
  return at::remainder(at::arange(rows * columns).square(), 31).view({rows, columns});
}

TEST(RoundedPerRow, HasAStepForEachRowThatNeverFallsBelowItsFloor) {
  const torch::Tensor w = at::tensor({62.0F, -31.0F, 1.0F, 0.5F, -0.016F, 0.017F}).view({2, 3});
  const torch::Tensor rounded = rounded_per_row(w, 6, 1.0);
  // Row 0: step 2, and 1 is half-way between 0 and 2, −31 between −30 and −32: both go to the even code.
  EXPECT_EQ(rounded[0][0].item<float>(), 62.0F);
  EXPECT_EQ(rounded[0][1].item<float>(), -32.0F);
  EXPECT_EQ(rounded[0][2].item<float>(), 0.0F);
  // Row 1: its maximum is below 1, so the step is 1/31.
  EXPECT_FLOAT_EQ(rounded[1][0].item<float>(), 16.0F / 31.0F);
  EXPECT_EQ(rounded[1][1].item<float>(), 0.0F);
  EXPECT_FLOAT_EQ(rounded[1][2].item<float>(), 1.0F / 31.0F);
}

TEST(RoundedPerRow, ClipsAtAQuantileWhenAsked) {
  torch::Tensor w = at::ones({1, 101});
  w[0][0] = 127.0F;
  const torch::Tensor rounded = rounded_per_row(w, 8, 0.99);  // the 100th of 101 magnitudes: 1
  EXPECT_NEAR(rounded[0][0].item<float>(), 1.0, 1e-3);
  EXPECT_FLOAT_EQ(rounded_per_row(w, 8, 1.0)[0][0].item<float>(), 127.0F);
}

TEST(RoundedPerRow, EqualsWhatTheEntriesComputeWith) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet unit = test::reference_tensors("pr192-pr262/unit.safetensors");
  const torch::Tensor w = to_torch(unit.at("qat_in"));
  for (const auto& [name, bits] :
       {std::pair{"qat192_int6_out", 6}, {"qat192_int8_out", 8}, {"qat262_int6_out", 6}}) {
    EXPECT_TRUE(at::equal(w + (rounded_per_row(w, bits, 1.0) - w), to_torch(unit.at(name)))) << name;
  }
}

TEST(FakeQuant, ComputesWithRoundedMatricesAndPassesGradientsUnchanged) {
  Decoder model = small_model();
  const torch::Tensor ids = tokens(2, 8);
  const torch::Tensor plain = model->hidden(ids);
  const std::string name = "tok_emb.weight";  // in a new model nothing else reaches the hidden states
  torch::Tensor weight = model->named_parameters()[name];
  FakeQuant rounding({.bits = 3, .matrices = {}}, {name}, model);
  EXPECT_TRUE(at::equal(model->hidden(ids), plain));
  EXPECT_FALSE(rounding.hook());

  rounding.start();
  const torch::Tensor used = rounding.hook()(name, weight);
  EXPECT_LT((used - rounded_per_row(weight.detach(), 3, 1.0)).abs().max().item<float>(), 1e-7F);
  used.square().sum().backward();
  EXPECT_TRUE(at::equal(weight.grad(), 2 * used.detach()));
  // Another matrix and evaluation see the weights themselves.
  const torch::Tensor other = model->named_parameters()["blocks.1.attn.c_q.weight"];
  EXPECT_TRUE(rounding.hook()("blocks.1.attn.c_q.weight", other).is_same(other));
  model->eval();
  EXPECT_TRUE(at::equal(model->hidden(ids), plain));
  model->train();
  EXPECT_FALSE(at::equal(model->hidden(ids), plain));
  rounding.stop();
  EXPECT_TRUE(at::equal(model->hidden(ids), plain));
}

TEST(FakeQuant, RoundsAnewOnceToldThatWeightsChanged) {
  Decoder model = small_model();
  const std::string name = "blocks.0.mlp.fc.weight";
  torch::Tensor weight = model->named_parameters()[name];
  FakeQuant rounding({.bits = 4, .matrices = {}}, {name}, model);
  rounding.start();
  rounding.hook()(name, weight);
  {
    const at::NoGradGuard no_grad;
    weight.mul_(3.7);
  }
  rounding.invalidate();
  EXPECT_LT((rounding.hook()(name, weight) - rounded_per_row(weight, 4, 1.0)).abs().max().item<float>(),
            1e-6F);
}

TEST(QatMatrices, AreThoseOfTheNamesAndSizesButNeverControls) {
  const std::vector<NamedParameter> parameters = parameters_of(small_model());
  const QatConfig all{.method = QatMethod::kFakeQuant, .matrices = {"blocks.1.", "tok_emb"}};
  const auto names = qat_matrices(all, parameters);
  EXPECT_EQ(names.size(), 7U);  // six matrices and the embedding, without resid_mix
  EXPECT_EQ(names.back(), "tok_emb.weight");
  QatConfig large = all;
  large.min_elements = 512;
  EXPECT_EQ(
      qat_matrices(large, parameters),
      (std::vector<std::string>{"blocks.1.mlp.fc.weight", "blocks.1.mlp.proj.weight", "tok_emb.weight"}));
  EXPECT_TRUE(qat_matrices({}, parameters).empty());
  EXPECT_GOLF_ERROR(qat_matrices({.method = QatMethod::kNoise, .matrices = {"bigram"}}, parameters),
                    ErrorCode::kInvalidArgument, "qat.matrices: no matrix of this model");
}

TEST(Qat, AddsNoiseOnlyWhenDueAndTheSameInEveryRun) {
  const auto trained = [](int64_t steps) {
    Decoder model = small_model();
    Qat qat({.method = QatMethod::kNoise, .bits = 8, .matrices = {"mlp.fc"}, .noise_every = 2},
            parameters_of(model), model, 1);
    EXPECT_TRUE(qat.begin_step(1, 0));
    EXPECT_FALSE(qat.begin_step(1, 0));
    for (int64_t step = 1; step <= steps; ++step) qat.end_step(step);
    return model->named_parameters()["blocks.0.mlp.fc.weight"].detach().clone();
  };
  const torch::Tensor start = trained(0), once = trained(2);
  EXPECT_TRUE(at::equal(trained(1), start));
  EXPECT_FALSE(at::equal(once, start));
  EXPECT_TRUE(at::equal(trained(3), once));
  // Half a step each way at most, a step being a 127th of the row's maximum.
  const torch::Tensor widest = start.abs().amax({1}, true) / 127 * 0.25;
  EXPECT_TRUE(((once - start).abs() <= widest * 1.0001).all().item<bool>());
  EXPECT_GT(((once - start).abs() / widest).max().item<float>(), 0.9F);
}

TEST(MtpHeads, PredictTheTokensFurtherOn) {
  Decoder model = small_model();
  MtpHeads heads({.heads = 2, .loss_weight = 0.5}, model);
  ASSERT_EQ(heads.parameters().size(), 2U);
  EXPECT_EQ(heads.parameters()[1].name, "mtp_heads.1.weight");
  const torch::Tensor ids = tokens(2, 9);
  const torch::Tensor targets = ids.slice(1, 1);
  const torch::Tensor h = model->hidden(ids.slice(1, 0, 8));
  EXPECT_NEAR(heads.loss(h, targets, {}).item<double>(), 0.5 * std::log(32.0),
              1e-6);  // zero heads know nothing
  torch::Tensor expected;
  for (int64_t j = 0; j < 2; ++j) {
    torch::Tensor weight = heads.parameters()[j].tensor;
    {
      const at::NoGradGuard no_grad;
      weight.copy_(at::sin(at::arange(32 * 16).view({32, 16}) * (0.3 + j)));
    }
    const torch::Tensor logits = 30 * at::tanh(at::matmul(h, weight.t()) / 30);
    const torch::Tensor loss = mean_nll(logits.slice(1, 0, 7 - j), targets.slice(1, j + 1));
    expected = expected.defined() ? expected + loss : loss;
  }
  const torch::Tensor loss = heads.loss(h, targets, {});
  EXPECT_NEAR(loss.item<double>(), 0.25 * expected.item<double>(), 1e-5);
  loss.backward();
  EXPECT_GT(model->named_parameters()["tok_emb.weight"].grad().abs().max().item<float>(), 0.0F);
  EXPECT_GT(heads.parameters()[0].tensor.grad().abs().max().item<float>(), 0.0F);
}

TEST(MtpHeads, AreNoPartOfALossWithoutThem) {
  const Decoder model = small_model();
  EXPECT_FALSE(MtpHeads({}, model).loss(at::zeros({1, 4, 16}), tokens(1, 4), {}).defined());
}

}  // namespace
}  // namespace golf
