#include "golf/eval/tune.h"

#include <gtest/gtest.h>

#include <utility>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/stored_floats.h"
#include "golf/model/torch_tensors.h"
#include "random_decoder.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::random_decoder;
using test::random_stream;

constexpr int64_t kLength = 16, kSteps = 25;

/// Windows that the model itself wrote, so that no other predicts them better.
std::vector<uint16_t> text_by(Decoder& model, int64_t windows) {
  const at::NoGradGuard no_grad;
  const at::Generator draws = at::detail::createCPUGenerator(3);
  at::Tensor ids = at::randint(0, 32, {windows, 1}, draws, at::kLong);
  while (ids.size(1) < kLength) {
    const at::Tensor p = at::softmax(model->logits(model->hidden(ids), ids).select(1, ids.size(1) - 1), -1);
    ids = at::cat({ids, at::multinomial(p, 1, /*replacement=*/true, draws)}, 1);
  }
  ids = ids.contiguous();
  return {ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + ids.numel()};
}

/// The random model, its matrices stored by `scheme` and its vectors as float16.
StoredModel quantized(const TensorSet& weights, const std::string& scheme) {
  const QuantRecipe recipe{.name = "coarse",
                           .rules = {{.match = "weight$", .rank = 2, .scheme = scheme}, {.scheme = "fp16"}}};
  return quantize(weights, recipe, {});
}

struct Tuned {
  StoredModel before = {}, after = {};
  TuneReport report = {};
};

Tuned tune_random(const std::string& scheme, TuneObjective objective, int threads = 1) {
  prepare_processor(threads);
  Decoder model = random_decoder();
  const std::vector<uint16_t> stream = text_by(model, 400);
  const std::vector<uint16_t> bytes(stream.size(), 1);
  const TensorSet weights = to_tensor_set(model);
  Tuned tuned{.before = quantized(weights, scheme)};
  tuned.after = tuned.before;
  tuned.report = tune(
      tuned.after, model->config(), weights, {stream, bytes},
      {.objective = objective, .seq_len = kLength, .steps = kSteps, .batch_tokens = 1536, .lr = 0.02}, {});
  prepare_processor(1);
  return tuned;
}

TEST(Tune, LowersTheHeldOutLossAndKeepsTheIntegers) {
  const std::vector<std::pair<std::string, TuneObjective>> cases = {{"int4", TuneObjective::kDistill},
                                                                    {"ecsq:0.6", TuneObjective::kLoss},
                                                                    {"tcq:0.8", TuneObjective::kDistill}};
  for (const auto& [scheme, objective] : cases) {
    const auto [before, after, report] = tune_random(scheme, objective);
    EXPECT_TRUE(report.improved()) << scheme;
    EXPECT_LT(report.loss_after - report.loss_unquantized,
              0.8 * (report.loss_before - report.loss_unquantized))
        << scheme;
    EXPECT_EQ(report.steps, kSteps);
    EXPECT_EQ(report.held_out_tokens, 99 * kLength) << "the last token of the last window has no target";
    EXPECT_EQ(report.train_tokens, 300 * kLength);
    int64_t floats = 0;
    for (size_t i = 0; i < before.tensors.size(); ++i) {
      const StoredTensor& old = before.tensors[i];
      StoredTensor restored = after.tensors[i];
      floats += std::ssize(stored_floats(old));
      EXPECT_NE(stored_floats(restored), stored_floats(old)) << old.name;
      replace_floats(restored, stored_floats(old));
      EXPECT_EQ(restored, old) << "only floats may change: " << old.name;
    }
    EXPECT_EQ(report.floats, floats);
  }
}

TEST(Tune, IsTheSameWhateverTheThreadCount) {
  const Tuned one = tune_random("int4", TuneObjective::kDistill, 1);
  const Tuned three = tune_random("int4", TuneObjective::kDistill, 3);
  EXPECT_EQ(one.after, three.after);
  EXPECT_EQ(one.report.loss_after, three.report.loss_after);
}

TEST(Tune, TakesAStepEvenWhereTheTimeIsShort) {
  Decoder model = random_decoder();
  const std::vector<uint16_t> stream = random_stream(5 * kLength), bytes(stream.size(), 1);
  const TensorSet weights = to_tensor_set(model);
  StoredModel stored = quantized(weights, "int4");
  const TuneReport report =
      tune(stored, model->config(), weights, {stream, bytes}, {.seq_len = kLength, .seconds = 1e-9}, {});
  EXPECT_EQ(report.steps, 1);
}

TEST(Tune, RefusesTooLittleTextAndModelsWithoutFloats) {
  Decoder model = random_decoder();
  const TensorSet weights = to_tensor_set(model);
  const auto run = [&](StoredModel stored, size_t tokens) {
    const std::vector<uint16_t> stream = random_stream(tokens), bytes(stream.size(), 1);
    tune(stored, model->config(), weights, {stream, bytes}, {.seq_len = kLength, .steps = 1}, {});
  };
  EXPECT_GOLF_ERROR(run(quantized(weights, "int4"), 2 * kLength), ErrorCode::kInvalidArgument,
                    "32 tokens are less than two windows of 16");
  StoredModel other = quantized(weights, "int4");
  for (StoredTensor& tensor : other.tensors) {
    const Shape shape = tensor.values.shape;
    tensor = {.name = tensor.name, .original_dtype = DType::kF64};
    tensor.values = make_tensor(DType::kF64, shape);
  }
  EXPECT_GOLF_ERROR(run(other, 3 * kLength), ErrorCode::kInvalidArgument, "nothing that can be tuned");
}

}  // namespace
}  // namespace golf
