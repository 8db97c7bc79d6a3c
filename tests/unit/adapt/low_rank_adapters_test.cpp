#include "adapt/low_rank_adapters.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "adapt/document_pass.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

/// PR 1855 in small: recurrence, two lanes, gates, smear, with a head of its own.
ModelConfig looped_config() {
  ModelConfig config = find_model_preset("pr1855-tiny")->model;
  config.vocab_size = 50;
  config.model_dim = 32;
  config.mlp_hidden = 40;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.features.set("rotary", {{"dims", 4}});
  return config;
}

LowRankAdapters random_adapters(Decoder& model, const LowRankAdaptConfig& config, int64_t documents = 1) {
  at::Generator generator = at::detail::createCPUGenerator(5);
  LowRankAdapters adapters(model, config, documents, 0, generator);
  for (const AdapterMatrices& each : adapters.matrices()) {
    const at::Tensor b = each.b_NOR;
    b.normal_(0, 0.1, generator);
  }
  return adapters;
}

std::vector<uint16_t> some_tokens(size_t count) {
  std::vector<uint16_t> tokens(count);
  for (size_t i = 0; i < count; ++i) tokens[i] = static_cast<uint16_t>((i * 37 + i * i * 5) % 50);
  return tokens;
}

TEST(LowRankAdapters, ThatLearnedNothingLeaveTheModelAsItIsToTheBit) {
  Decoder model = random_model(looped_config());
  const std::vector<uint16_t> stream = some_tokens(30);
  const Window window{.start = 2, .length = 20, .score_from = 7};
  at::Generator generator = at::detail::createCPUGenerator(5);
  const LowRankAdapters adapters(model, {.rank = 3}, 2, 0, generator);
  const FrozenWeights frozen(model);
  const DocumentPass plain = pass_documents(model, stream, {window}, nullptr, false, {});
  const BatchAdapters second(adapters, 1, 1, /*learns=*/true);
  const DocumentPass adapted = pass_documents(model, stream, {window}, &second, true, {});
  EXPECT_EQ(plain.scores.nll_nats, adapted.scores.nll_nats);
  EXPECT_TRUE(plain.gradients.empty());
  ASSERT_EQ(adapted.gradients.size(), 2 * adapters.matrices().size());
  // B is 0, so no gradient reaches A; what B gets is not 0.
  for (size_t i = 0; i < adapted.gradients.size(); i += 2) {
    EXPECT_EQ(adapted.gradients[i].abs().max().item<float>(), 0);
    EXPECT_GT(adapted.gradients[i + 1].abs().max().item<float>(), 0) << i;
  }
}

TEST(LowRankAdapters, OfDocumentsInOnePassDoNotMix) {
  Decoder model = random_model(looped_config());
  const std::vector<uint16_t> stream = some_tokens(60);
  const LowRankAdapters adapters = random_adapters(model, {.rank = 3}, 4);
  const FrozenWeights frozen(model);
  const std::vector<Window> windows = {{.start = 2, .length = 12, .score_from = 7},
                                       {.start = 30, .length = 12, .score_from = 7}};
  const BatchAdapters both(adapters, 1, 2, /*learns=*/true);
  const DocumentPass found = pass_documents(model, stream, windows, &both, true, {});
  ASSERT_EQ(found.scores.segments, (std::vector<ScoreSegment>{{9, 5}, {37, 5}}));
  for (int64_t row = 0; row < 2; ++row) {
    const BatchAdapters own(adapters, 1 + row, 1, /*learns=*/true);
    const DocumentPass alone =
        pass_documents(model, stream, {windows[static_cast<size_t>(row)]}, &own, true, {});
    EXPECT_NEAR(found.losses[static_cast<size_t>(row)], alone.losses[0], 1e-5);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(found.scores.nll_nats[static_cast<size_t>(row) * 5 + i], alone.scores.nll_nats[i], 1e-4);
    }
    for (size_t i = 0; i < alone.gradients.size(); ++i) {
      const double size = 1e-3 + alone.gradients[i].abs().max().item<double>();
      EXPECT_LT(max_difference(found.gradients[i][row], alone.gradients[i][0]), 1e-3 * size) << i;
    }
  }
}

TEST(LowRankAdapters, StandAtEverySiteOfEveryCall) {
  Decoder model = random_model(looped_config());
  const int64_t calls = static_cast<int64_t>(model->plan().calls.size());
  EXPECT_GT(calls, model->config().num_layers);
  LowRankAdapters adapters = random_adapters(model, {.rank = 3});
  EXPECT_EQ(static_cast<int64_t>(adapters.matrices().size()), 5 * calls + 1);
  adapters = random_adapters(model, {.sites = {"k", "mlp"}, .rank = 3});
  EXPECT_EQ(static_cast<int64_t>(adapters.matrices().size()), 2 * calls);
  EXPECT_EQ(adapters.matrices()[0].site, AdapterSite::kKey);
  EXPECT_EQ(adapters.matrices()[0].b_NOR.sizes(), (at::IntArrayRef{1, 16, 3}));
}

// The projections that an adapter adds to could have the sum as their matrix.
TEST(LowRankAdapters, HaveTheGradientsThatFollowFromTheWholeMatrices) {
  ModelConfig config = small_config();
  config.tie_embeddings = false;
  Decoder model = random_model(config);
  const LowRankAdaptConfig settings{.sites = {"q", "k", "v", "head"}, .rank = 3, .alpha = 6};
  const LowRankAdapters adapters = random_adapters(model, settings);
  const std::vector<uint16_t> stream = some_tokens(13);
  const Window window{.start = 0, .length = 12, .score_from = 5};
  const DocumentPass found = [&] {
    const FrozenWeights frozen(model);
    const BatchAdapters own(adapters, 0, 1, /*learns=*/true);
    return pass_documents(model, stream, {window}, &own, true, {});
  }();
  const auto parameters = model->named_parameters();
  std::vector<at::Tensor> whole;
  {
    const at::NoGradGuard no_grad;
    for (const AdapterMatrices& each : adapters.matrices()) {
      const std::string name = each.site == AdapterSite::kHead
                                   ? "lm_head.weight"
                                   : "blocks." + std::to_string(model->plan().calls[each.call].block) +
                                         ".attn.c_" + std::string(site_name(each.site)) + ".weight";
      whole.push_back(parameters[name]);
      whole.back().add_(at::matmul(each.b_NOR[0], each.a_NRI[0]), adapters.scale());
    }
  }
  const at::Tensor ids = at::tensor(std::vector<int64_t>(stream.begin(), stream.end())).unsqueeze(0);
  const at::Tensor inputs = ids.slice(1, 0, 12), h = model->hidden(inputs).slice(1, 5);
  const at::Tensor loss = token_nll(model->logits(h, inputs), ids.slice(1, 6, 13)).mean();
  EXPECT_NEAR(found.losses[0], loss.item<double>(), 1e-5);
  const std::vector<at::Tensor> expected = torch::autograd::grad({loss}, whole);
  for (size_t i = 0; i < whole.size(); ++i) {
    const AdapterMatrices& each = adapters.matrices()[i];
    const at::Tensor a = at::matmul(each.b_NOR[0].t(), expected[i]) * adapters.scale();
    const at::Tensor b = at::matmul(expected[i], each.a_NRI[0].t()) * adapters.scale();
    EXPECT_LT(max_difference(found.gradients[2 * i][0], a), 2e-5 * (1 + a.abs().max().item<double>())) << i;
    EXPECT_LT(max_difference(found.gradients[2 * i + 1][0], b), 2e-5 * (1 + b.abs().max().item<double>()))
        << i;
  }
}

// Everywhere else finite differences serve: along the gradient the loss changes by its square.
TEST(LowRankAdapters, HaveTheGradientsThatFiniteDifferencesShow) {
  Decoder model = random_model(looped_config());
  {
    const at::NoGradGuard no_grad;  // a smooth loss
    for (at::Tensor& parameter : model->parameters()) {
      parameter.normal_(parameter.dim() == 2 ? 0.0 : 0.8, parameter.dim() == 2 ? 0.15 : 0.2);
    }
  }
  const std::vector<uint16_t> stream = some_tokens(25);
  const Window window{.start = 1, .length = 24 - 1, .score_from = 4};
  const FrozenWeights frozen(model);
  for (const std::string_view site : kAdapterSiteNames) {
    const LowRankAdapters adapters = random_adapters(model, {.sites = {std::string(site)}, .rank = 2});
    const DocumentPass at_rest = [&] {
      const BatchAdapters own(adapters, 0, 1, true);
      return pass_documents(model, stream, {window}, &own, true, {});
    }();
    double square = 0;
    for (const at::Tensor& gradient : at_rest.gradients) square += gradient.square().sum().item<double>();
    const double norm = std::sqrt(square), length = std::min(0.05, 1e-3 / norm) / norm;
    double losses[2];
    for (const double side : {1.0, -1.0}) {
      const at::NoGradGuard no_grad;
      const auto move = [&](double by) {
        for (size_t i = 0; i < adapters.matrices().size(); ++i) {
          const at::Tensor a = adapters.matrices()[i].a_NRI[0], b = adapters.matrices()[i].b_NOR[0];
          a.add_(at_rest.gradients[2 * i][0], by);
          b.add_(at_rest.gradients[2 * i + 1][0], by);
        }
      };
      move(side * length);
      const BatchAdapters own(adapters, 0, 1, false);
      losses[side > 0 ? 0 : 1] = pass_documents(model, stream, {window}, &own, false, {}).losses[0];
      move(-side * length);
    }
    EXPECT_NEAR((losses[0] - losses[1]) / (2 * length * square), 1.0, 0.02) << site << " " << norm;
  }
}

TEST(LowRankAdapters, LearnByAdamWithDecoupledDecay) {
  Decoder model = random_model(small_config());
  for (const double beta1 : {0.0, 0.9}) {
    const LowRankAdaptConfig config{.sites = {"v"},
                                    .rank = 2,
                                    .lr = 0.01,
                                    .beta1 = beta1,
                                    .beta2 = 0.95,
                                    .eps = 1e-8,
                                    .weight_decay = 0.3};
    LowRankAdapters adapters = random_adapters(model, config, 2);
    const at::Tensor b = adapters.matrices()[0].b_NOR;
    const at::Tensor start = b.clone();
    at::Tensor expected = start[1].to(at::kDouble), mean = at::zeros_like(expected),
               square = at::zeros_like(expected);
    for (int step = 1; step <= 4; ++step) {
      const at::Tensor gradient = step == 3 ? at::Tensor() : at::sin(start.slice(0, 1) * 100 * step);
      std::vector<at::Tensor> gradients(2 * adapters.matrices().size());
      gradients[1] = gradient;
      adapters.begin_update();
      const double squares = adapters.step(1, 1, gradients);
      const at::Tensor g = gradient.defined() ? gradient[0].to(at::kDouble) : at::zeros_like(expected);
      EXPECT_NEAR(squares, g.square().sum().item<double>(), 1e-4);
      mean = beta1 * mean + (1 - beta1) * g;
      square = 0.95 * square + 0.05 * g * g;
      expected = expected * (1 - 0.01 * 0.3) - 0.01 * (mean / (1 - std::pow(beta1, step))) /
                                                   ((square / (1 - std::pow(0.95, step))).sqrt() + 1e-8);
      EXPECT_LT(max_difference(b[1], expected), 2e-6) << beta1 << " step " << step;
    }
    EXPECT_EQ(max_difference(b[0], start[0]), 0);
    const at::Tensor a = adapters.matrices()[0].a_NRI.clone();
    adapters.reset();
    EXPECT_EQ(b.abs().max().item<float>(), 0);
    EXPECT_EQ(max_difference(adapters.matrices()[0].a_NRI, a), 0);
  }
}

// data/pr1855: lora_A_*.safetensors
TEST(LowRankAdaptersReference, AreDrawnAsPr1855Did) {
  GOLF_NEED_REFERENCE_DATA();
  if (!draws_to_the_bit()) GTEST_SKIP() << "LibTorch draws otherwise on this processor";
  Decoder model(find_model_preset("pr1855-tiny")->model);
  const std::map<AdapterSite, std::string> names = {{AdapterSite::kQuery, "q_loras"},
                                                    {AdapterSite::kKey, "k_loras"},
                                                    {AdapterSite::kValue, "v_loras"},
                                                    {AdapterSite::kAttention, "o_loras"},
                                                    {AdapterSite::kMlp, "mlp_loras"}};
  const auto expect_sets = [&](const char* file, const LowRankAdaptConfig& config,
                               const std::vector<int64_t>& documents) {
    const TensorSet recorded = reference_tensors(std::string("pr1855/lora_A_") + file + ".safetensors");
    at::Generator generator = at::detail::createCPUGenerator(4242);
    size_t compared = 0;
    for (size_t set = 0; set < documents.size(); ++set) {
      const LowRankAdapters adapters(model, config, documents[set], static_cast<int64_t>(set), generator);
      for (const AdapterMatrices& each : adapters.matrices()) {
        const std::string adapter = each.site == AdapterSite::kHead
                                        ? "lm_head_lora"
                                        : names.at(each.site) + "." + std::to_string(each.call);
        const std::string name = "create" + std::to_string(set) + "." + adapter + ".A";
        EXPECT_EQ(max_difference(each.a_NRI, to_torch(recorded.at(name))), 0) << file << " " << name;
        ++compared;
      }
    }
    EXPECT_EQ(compared, recorded.size());
  };
  expect_sets("lora_only", {.rank = 8}, {4});
  expect_sets("phased3", {.rank = 8}, {4, 4, 4, 4});
  expect_sets("small_phased3", {.rank = 8}, {2, 2, 2, 2});
  expect_sets("small_odd", {.sites = {"q", "v", "mlp", "head"}, .rank = 4}, {4, 2, 4});
}

}  // namespace
}  // namespace golf::test
