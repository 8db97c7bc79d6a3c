#include "golf/eval/gradient_squares.h"

#include <gtest/gtest.h>

#include <limits>

#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/runtime.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

TEST(GradientSquares, KnowEveryMatrixByItsRows) {
  Decoder model = random_decoder();
  const TensorSet squares = collect_gradient_squares(model, random_stream(64), 16);
  size_t matrices = 0;
  for (const auto& row : tensor_inventory(model->config())) {
    if (row.shape.size() != 2) continue;
    const Tensor& found = squares.at(row.name);
    EXPECT_EQ(found.shape, (Shape{row.shape[0]})) << row.name;
    EXPECT_GE(to_torch(found).min().item<float>(), 0.0F) << row.name;
    EXPECT_GT(to_torch(found).max().item<float>(), 0.0F) << row.name;
    ++matrices;
  }
  EXPECT_EQ(squares.size(), matrices);
}

/// The model's own distribution being the one that is drawn from, a small error δ of a row raises the mean
/// KL divergence from it by f · |δ|² / 2.
TEST(GradientSquares, TellHowFarASmallErrorMovesThePredictions) {
  Decoder model = random_decoder();
  const int64_t length = 16, windows = 400;
  const std::vector<uint16_t> stream = random_stream(windows * length);
  const TensorSet squares = collect_gradient_squares(model, stream, length);
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
    double risen = 0.0;
    const int trials = 8;
    at::manual_seed(5);
    for (int trial = 0; trial < trials; ++trial) {
      weight.copy_(saved + 0.01 * at::randn_like(saved));
      risen += (before.exp() * (before - log_p())).sum(-1).mean().item<double>() / trials;
    }
    weight.copy_(saved);
    const double expected = to_torch(squares.at(name)).to(at::kDouble).sum().item<double>() *
                            static_cast<double>(saved.size(1)) * 0.01 * 0.01 / 2;
    EXPECT_NEAR(risen / expected, 1.0, 0.25) << name;
  }
}

TEST(GradientSquares, AreTheSameWhateverTheThreadCount) {
  const std::vector<uint16_t> stream = random_stream(7 * 16);
  std::vector<TensorSet> found;
  for (const int threads : {1, 3}) {
    set_compute_threads(threads);
    Decoder model = random_decoder();
    found.push_back(collect_gradient_squares(model, stream, 16));
  }
  set_compute_threads(1);
  for (const auto& [name, tensor] : found[0]) EXPECT_EQ(tensor, found[1].at(name)) << name;
}

TEST(GradientSquares, LeaveTheModelAsItWas) {
  Decoder model = random_decoder();
  model->train();
  collect_gradient_squares(model, random_stream(32), 16);
  EXPECT_TRUE(model->is_training());
  for (const at::Tensor& parameter : model->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(GradientSquares, RefuseTooLittleTextAndInfiniteGradients) {
  Decoder model = random_decoder();
  EXPECT_GOLF_ERROR(collect_gradient_squares(model, random_stream(15), 16), ErrorCode::kInvalidArgument,
                    "15 tokens are less than one window of 16");
  const at::NoGradGuard no_grad;
  model->parameters().front().fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_GOLF_ERROR(collect_gradient_squares(model, random_stream(16), 16), ErrorCode::kCorruptData,
                    "finite");
}

}  // namespace
}  // namespace golf
