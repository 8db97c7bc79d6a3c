#include "golf/eval/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golf/artifact/quantize/calibration.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/runtime.h"
#include "golf/model/torch_tensors.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

std::string squares_of(const std::string& weight) { return std::string(Calibration::kFisherPrefix) + weight; }

TEST(CollectCalibration, KnowsEveryMatrixByItsColumnsAndRows) {
  Decoder model = random_decoder();
  const TensorSet calibration = collect_calibration(model, random_stream(5 * 16 + 7), 16);
  EXPECT_EQ(calibration.metadata.at("tokens"), "80") << "the last 7 make no window";
  size_t entries = 0;
  for (const auto& row : tensor_inventory(model->config())) {
    if (row.shape.size() != 2) continue;
    const at::Tensor squares = to_torch(calibration.at(squares_of(row.name)));
    EXPECT_EQ(squares.sizes(), (at::IntArrayRef{row.shape[0]})) << row.name;
    EXPECT_GE(squares.min().item<float>(), 0.0F) << row.name;
    EXPECT_GT(squares.max().item<float>(), 0.0F) << row.name;
    ++entries;
    if (row.role == TensorRole::kControl) continue;
    const Tensor& moments = calibration.at(row.name);
    EXPECT_EQ(moments.shape, (Shape{row.shape[1], row.shape[1]})) << row.name;
    const at::Tensor h = to_torch(moments);
    EXPECT_TRUE(h.equal(h.t())) << row.name;
    EXPECT_GT(h.diagonal().min().item<float>(), 0.0F) << row.name;
    ++entries;
  }
  EXPECT_EQ(calibration.size(), entries);
  EXPECT_NO_THROW(Calibration(calibration, "c"));
}

/// Where the loss is sensitive to nothing, every position weighs the same; the unit does not count.
TEST(CollectCalibration, WithoutGradientsHoldsTheMeanOfTheInputsProducts) {
  Decoder model = random_decoder();
  const at::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    if (item.key().ends_with("attn_scale") || item.key().ends_with("mlp_scale")) item.value().zero_();
  }
  const std::vector<uint16_t> stream = random_stream(32);
  const TensorSet calibration = collect_calibration(model, stream, 16);
  at::Tensor ids = at::empty({2, 16}, at::kLong);
  std::copy(stream.begin(), stream.end(), ids.data_ptr<int64_t>());
  // The blocks add nothing, so the first reads the normed embeddings.
  const at::Tensor embedded = at::embedding(model->named_parameters()["tok_emb.weight"], ids);
  const auto normed = [](const at::Tensor& x) { return x * at::rsqrt(x.square().mean(-1, true) + 1.2e-7); };
  const at::Tensor mix = model->named_parameters()["blocks.0.resid_mix"];
  const at::Tensor x = normed((mix[0] + mix[1]) * normed(embedded)).view({32, 16}).to(at::kDouble);
  const at::Tensor expected = at::matmul(x.t(), x) / 32;
  for (const char* name : {"blocks.0.attn.c_q.weight", "blocks.0.attn.c_v.weight"}) {
    at::Tensor found = to_torch(calibration.at(name)).to(at::kDouble);
    found *= expected.trace() / found.trace();
    EXPECT_LT((found - expected).abs().max().item<double>(), 1e-5 * expected.abs().max().item<double>())
        << name;
    EXPECT_EQ(to_torch(calibration.at(squares_of(name))).max().item<float>(), 0.0F) << name;
  }
}

/// The model's own distribution being the one that is drawn from, a small error of a weight raises the mean
/// KL divergence from it by half its square times the Fisher information; errors of a whole row go by the
/// moments.
TEST(CollectCalibration, TellsHowFarSmallErrorsMoveThePredictions) {
  Decoder model = random_decoder();
  const int64_t length = 16, windows = 200;
  const std::vector<uint16_t> stream = random_stream(windows * length);
  const TensorSet calibration = collect_calibration(model, stream, length);
  const at::NoGradGuard no_grad;
  at::Tensor ids = at::empty({windows, length}, at::kLong);
  std::copy(stream.begin(), stream.end(), ids.data_ptr<int64_t>());
  const auto log_p = [&] {
    return at::log_softmax(model->logits(model->hidden(ids), ids), -1).to(at::kDouble);
  };
  const at::Tensor before = log_p();
  for (const char* name : {"blocks.0.mlp.fc.weight", "blocks.1.attn.proj.weight"}) {
    at::Tensor weight = model->named_parameters()[name];
    const at::Tensor saved = weight.clone();
    const auto columns = static_cast<double>(saved.size(1));
    const at::Tensor squares_R = to_torch(calibration.at(squares_of(name))).to(at::kDouble);
    const at::Tensor h = to_torch(calibration.at(name)).to(at::kDouble);
    // One direction of all rows, for which the moments differ most from their mean.
    const at::Tensor direction = std::get<1>(at::linalg_eigh(h)).select(1, saved.size(1) - 1);
    at::manual_seed(5);
    double risen_white = 0.0, risen_directed = 0.0;
    constexpr int kTrials = 8;
    constexpr double kError = 0.01;
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto rise = [&](const at::Tensor& error) {
        weight.copy_(saved + kError * error);
        return (before.exp() * (before - log_p())).sum(-1).mean().item<double>() / kTrials;
      };
      risen_white += rise(at::randn_like(saved));
      risen_directed += rise(at::outer(at::randn({saved.size(0)}), direction.to(at::kFloat)));
    }
    weight.copy_(saved);
    const double white = squares_R.sum().item<double>() * columns * kError * kError / 2;
    EXPECT_NEAR(risen_white / white, 1.0, 0.25) << name;
    const double along = at::dot(direction, at::mv(h, direction)).item<double>();
    const double mean = h.trace().item<double>() / columns;
    EXPECT_NEAR(risen_directed / (white / columns * along / mean), 1.0, 0.4) << name;
  }
}

/// The same model without the loop has a block of its own for each call.
TEST(CollectCalibration, SumsOverTheCallsOfALoopedBlock) {
  FeatureSet loop;
  loop.set("depth_recurrence", {{"first_block", 1}, {"last_block", 1}, {"loops", 1}});
  Decoder looped = random_decoder(32, loop);
  ModelConfig config = looped->config();
  config.features = {};
  config.num_layers = 3;
  Decoder unrolled(config);
  {
    const at::NoGradGuard no_grad;
    auto weights = looped->named_parameters();
    for (auto& item : unrolled->named_parameters()) {
      std::string name = item.key();
      if (name.starts_with("blocks.2.")) name[7] = '1';
      item.value().copy_(weights[name]);
    }
  }
  const std::vector<uint16_t> stream = random_stream(4 * 16);
  const auto check = [](const TensorSet& sums, const TensorSet& calls) {
    for (const char* matrix : {"attn.c_q.weight", "attn.proj.weight", "mlp.fc.weight", "mlp.proj.weight"}) {
      const auto of = [&](const TensorSet& found, const std::string& block) {
        return to_torch(found.at("blocks." + block + "." + matrix));
      };
      const at::Tensor sum = of(sums, "1"), expected = of(calls, "1") + of(calls, "2");
      EXPECT_TRUE(at::allclose(sum, expected, 1e-4, 1e-5 * expected.abs().max().item<double>())) << matrix;
      EXPECT_FALSE(at::allclose(sum, of(calls, "1"), 0.1, 0.0)) << "the second call counts: " << matrix;
    }
  };
  check(collect_hessians(looped, stream, 16, 1), collect_hessians(unrolled, stream, 16, 1));
  // The targets are drawn from the same predictions.
  check(collect_calibration(looped, stream, 16), collect_calibration(unrolled, stream, 16));
}

TEST(CollectCalibration, IsTheSameWhateverTheThreadCount) {
  const std::vector<uint16_t> stream = random_stream(7 * 16);
  std::vector<TensorSet> found;
  for (const int threads : {1, 3}) {
    prepare_processor(threads);
    Decoder model = random_decoder();
    found.push_back(collect_calibration(model, stream, 16));
  }
  prepare_processor(1);
  for (const auto& [name, tensor] : found[0]) EXPECT_EQ(tensor, found[1].at(name)) << name;
}

TEST(CollectCalibration, LeavesTheModelAsItWas) {
  Decoder model = random_decoder();
  model->train();
  const at::Tensor ids = at::arange(16).view({1, 16});
  const at::Tensor before = model->hidden(ids).detach();
  collect_calibration(model, random_stream(32), 16);
  EXPECT_TRUE(model->is_training());
  EXPECT_TRUE(model->hidden(ids).detach().equal(before));
  for (const at::Tensor& parameter : model->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(CollectCalibration, LeavesOutMatricesThatOnlyMeetZeros) {
  Decoder model = random_decoder();
  {
    const at::NoGradGuard no_grad;
    model->named_parameters()["blocks.1.mlp.fc.weight"].zero_();
  }
  const TensorSet calibration = collect_calibration(model, random_stream(32), 16);
  EXPECT_EQ(calibration.find("blocks.1.mlp.proj.weight"), nullptr);
  EXPECT_NE(calibration.find("blocks.1.mlp.fc.weight"), nullptr);
  EXPECT_NO_THROW(Calibration(calibration, "c"));
}

TEST(CollectCalibration, RefusesTooLittleTextAndInfiniteInputs) {
  Decoder model = random_decoder();
  EXPECT_GOLF_ERROR(collect_calibration(model, random_stream(15), 16), ErrorCode::kInvalidArgument,
                    "15 tokens are less than one window of 16");
  EXPECT_GOLF_ERROR(collect_calibration(model, {std::vector<uint16_t>(16, 32)}, 16), ErrorCode::kMismatch,
                    "token 32 at index 0");
  const at::NoGradGuard no_grad;
  model->parameters().front().fill_(std::numeric_limits<float>::infinity());
  EXPECT_GOLF_ERROR(collect_calibration(model, random_stream(16), 16), ErrorCode::kCorruptData, "not finite");
}

}  // namespace
}  // namespace golf
