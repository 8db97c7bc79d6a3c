#include "golf/eval/calibration.h"

#include <gtest/gtest.h>

#include <limits>

#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/runtime.h"
#include "golf/model/torch_tensors.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

TEST(Calibration, HoldsTheMeanOfTheInputsProducts) {
  Decoder model = random_decoder();
  const std::vector<uint16_t> stream = random_stream(5 * 16 + 7);  // the last 7 make no window
  const TensorSet calibration = collect_calibration(model, stream, 16);
  // The tied head reads the hidden states, which the model itself tells.
  at::Tensor ids = at::empty({5, 16}, at::kLong);
  std::copy_n(stream.begin(), 80, ids.data_ptr<int64_t>());
  const at::NoGradGuard no_grad;
  const at::Tensor h = model->hidden(ids).view({80, 16}).to(at::kDouble);
  const at::Tensor expected = at::matmul(h.t(), h) / 80;
  const at::Tensor found = to_torch(calibration.at("tok_emb.weight")).to(at::kDouble);
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-6 * expected.abs().max().item<double>());
  EXPECT_EQ(calibration.metadata.at("tokens"), "80");
  EXPECT_EQ(calibration.metadata.at("schema"), "golf.calibration/1");
}

TEST(Calibration, KnowsEveryMatrixByItsColumns) {
  Decoder model = random_decoder();
  const TensorSet calibration = collect_calibration(model, random_stream(64), 16);
  size_t matrices = 0;
  for (const auto& row : tensor_inventory(model->config())) {
    if (row.shape.size() != 2 || row.role == TensorRole::kControl) continue;
    const Tensor& moments = calibration.at(row.name);
    EXPECT_EQ(moments.shape, (Shape{row.shape[1], row.shape[1]})) << row.name;
    const at::Tensor h = to_torch(moments);
    EXPECT_TRUE(h.equal(h.t())) << row.name;
    EXPECT_GT(h.diagonal().min().item<float>(), 0.0F) << row.name;
    ++matrices;
  }
  EXPECT_EQ(calibration.size(), matrices);
  EXPECT_EQ(calibration.at("blocks.0.attn.c_q.weight"), calibration.at("blocks.0.attn.c_v.weight"));
}

TEST(Calibration, IsTheSameWhateverTheThreadCount) {
  const std::vector<uint16_t> stream = random_stream(7 * 16);
  std::vector<TensorSet> found;
  for (const int threads : {1, 3}) {
    set_compute_threads(threads);
    Decoder model = random_decoder();
    found.push_back(collect_calibration(model, stream, 16));
  }
  set_compute_threads(1);
  for (const auto& [name, tensor] : found[0]) EXPECT_EQ(tensor, found[1].at(name)) << name;
}

TEST(Calibration, LeavesTheModelAsItWas) {
  Decoder model = random_decoder();
  model->train();
  const at::Tensor ids = at::arange(16).view({1, 16});
  const at::NoGradGuard no_grad;
  const at::Tensor before = model->hidden(ids);
  collect_calibration(model, random_stream(32), 16);
  EXPECT_TRUE(model->is_training());
  EXPECT_TRUE(model->hidden(ids).equal(before));
}

TEST(Calibration, RefusesTooLittleTextAndInfiniteInputs) {
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
