// Features at work together, on models that have many of them.
#include <algorithm>
#include <vector>

#include "golf/model/loss.h"
#include "support/error_matchers.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

ModelConfig everything() {
  ModelConfig config = small_config();
  config.features = {{"bigram_hash", {{"buckets", 16}, {"dim", 6}}},
                     {"smear_gate", {{"variant", "per_channel"}}},
                     {"value_embedding", {{"dim", 8}, {"layers", Json::array({1, 4})}}},
                     {"exclusive_attention", {{"last_n", 3}}},
                     {"rotary", {{"dims", 4}, {"ntk_reference_length", 6}}},
                     {"markov_mix", {{"pairs", Json::object({{"buckets", 31}})}}}};
  config.mlp_activation = MlpActivation::kLeakyRelu2;
  config.layer_scale = true;
  return config;
}

ModelConfig everything_of_pr192() {
  ModelConfig config = small_config();
  config.features = {{"bigram_hash", {{"site", "every_layer"}, {"buckets", 16}, {"dim", 24}}},
                     {"smear_gate", {{"variant", "per_token"}}}};
  return config;
}

ModelConfig everything_of_pr1855() {
  ModelConfig config = small_config();
  config.features = {{"smear_gate", {{"variant", "per_token"}, {"window", 5}, {"bos_id", 1}}},
                     {"exclusive_attention", {{"last_n", 5}}},
                     {"rotary", {{"dims", 4}}},
                     {"depth_recurrence", {{"first_block", 1}, {"last_block", 2}}},
                     {"gated_skips", {}},
                     {"parallel_residual", {{"from_block", 3}, {"layout", "two_lanes"}}},
                     {"attention_gate", {{"window", 5}, {"scale", 0.5}}}};
  config.mlp_activation = MlpActivation::kLeakyRelu2;
  config.layer_scale = true;
  return config;
}

TEST(Features, TogetherNeverLookAhead) {
  for (const ModelConfig& config : {everything(), everything_of_pr192(), everything_of_pr1855()}) {
    Decoder model = random_model(config);
    const at::NoGradGuard no_grad;
    const torch::Tensor ids = random_ids(2, 9, config);
    torch::Tensor changed = ids.clone();
    changed[1][5] = (changed[1][5] + 1) % 50;
    const torch::Tensor before = model->logits(model->hidden(ids), ids),
                        after = model->logits(model->hidden(changed), changed);
    EXPECT_LT(max_difference(before[0], after[0]), 1e-5) << "another sequence changed";
    EXPECT_LT(max_difference(before[1].narrow(0, 0, 5), after[1].narrow(0, 0, 5)), 1e-5);
    EXPECT_GT(max_difference(before[1][5], after[1][5]), 1e-3);
  }
}

TEST(Features, GiveEveryParameterAGradient) {
  for (const ModelConfig& config : {everything(), everything_of_pr192(), everything_of_pr1855()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(4, 12, config);
    next_token_loss(model, model->hidden(ids), ids, random_ids(4, 12, config)).backward();
    for (const auto& item : model->named_parameters()) {
      ASSERT_TRUE(item.value().grad().defined()) << item.key();
      EXPECT_GT(item.value().grad().norm().item<double>(), 0) << item.key();
    }
  }
}

TEST(Features, StayNearFloat32InBFloat16) {
  for (const ModelConfig& config : {everything(), everything_of_pr192(), everything_of_pr1855()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(2, 12, config), exact = model->logits(model->hidden(ids), ids);
    model->set_compute_dtype(torch::kBFloat16);
    const torch::Tensor rounded = model->logits(model->hidden(ids), ids);
    EXPECT_EQ(rounded.scalar_type(), torch::kFloat);
    EXPECT_LT(max_difference(rounded, exact), 0.1 * exact.abs().max().item<double>());
  }
}

TEST(Features, GiveTheLastPositionsAloneWhatTheyGiveThemAmongAll) {
  const at::NoGradGuard no_grad;
  for (const ModelConfig& config : {everything(), everything_of_pr192(), everything_of_pr1855()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(3, 20, config), all = model->hidden(ids);
    for (const int64_t first : {1, 13, 19}) {
      const torch::Tensor part =
          model->hidden(ids, /*cu_seqlens=*/{}, /*adapter=*/nullptr, {.first_position = first});
      EXPECT_EQ(part.size(1), 20 - first);
      EXPECT_LT(max_difference(part, all.slice(1, first)), 1e-5) << first;
    }
    const auto of = [&](const ForwardRange& range) { model->hidden(ids, {}, nullptr, range); };
    EXPECT_GOLF_ERROR(of({.first_position = 20}), ErrorCode::kInvalidArgument, "of a row of 20");
    const std::vector<int64_t> bounds = {0, 60};
    EXPECT_GOLF_ERROR(model->hidden(ids, bounds, nullptr, {.attention_window = 3}),
                      ErrorCode::kInvalidArgument, "neither documents nor an adapter");
  }
}

TEST(Features, AttendToAWindowAsToASequenceOfItsLength) {
  const at::NoGradGuard no_grad;
  ModelConfig config = everything_of_pr1855();
  config.num_layers = 1;  // of several blocks the second would hear from before the window
  config.features = {{"exclusive_attention", {{"last_n", 1}}},
                     {"rotary", {{"dims", 4}, {"ntk_reference_length", 3}}},
                     {"attention_gate", {{"window", 5}, {"scale", 0.5}}}};
  Decoder model = random_model(config);
  const torch::Tensor ids = random_ids(2, 11, config);
  const torch::Tensor all = model->hidden(ids, {}, nullptr, {.attention_window = 4});
  for (int64_t end = 1; end <= 11; ++end) {
    const int64_t length = std::min<int64_t>(end, 4);
    // The stretched base is that of the window, also where the row has only begun.
    const torch::Tensor alone =
        model->hidden(ids.slice(1, end - length, end), {}, nullptr, {.attention_window = 4});
    EXPECT_LT(max_difference(all.select(1, end - 1), alone.select(1, length - 1)), 1e-5) << end;
  }
  EXPECT_LT(max_difference(model->hidden(ids.slice(1, 0, 4), {}, nullptr, {.attention_window = 4}),
                           model->hidden(ids.slice(1, 0, 4))),
            1e-5);
  EXPECT_GT(max_difference(all, model->hidden(ids)), 1e-3);
}

TEST(Features, WorkOnASequenceOfOneToken) {
  for (const ModelConfig& config : {everything(), everything_of_pr192(), everything_of_pr1855()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(2, 1, config), longer = at::cat({ids, ids}, 1);
    const torch::Tensor one = model->logits(model->hidden(ids), ids),
                        two = model->logits(model->hidden(longer), longer);
    EXPECT_LT(max_difference(one[1][0], two[1][0]), 1e-5);
  }
}

}  // namespace
}  // namespace golf::test
