// Each feature against a naive loop over its formula.
#include <cmath>

#include "golf/model/loss.h"
#include "model/features/bigram_hash.h"
#include "model/features/exclusive_attention.h"
#include "model/features/markov_mix.h"
#include "model/features/smear_gate.h"
#include "model/features/value_embedding.h"
#include "model/ops.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void randomize(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  for (torch::Tensor parameter : module.parameters()) parameter.copy_(at::randn_like(parameter));
}

torch::Tensor parameter(const torch::nn::Module& module, const std::string& name) {
  return module.named_parameters()[name].detach();
}

TEST(BigramHash, SlotsFollowTheFormulaInWrappingInt32) {
  const torch::Tensor ids =
      at::tensor({65535, 65535, 0, 1, 60000, 59999, 1023, 2}, torch::kLong).view({2, 4});
  for (const int64_t buckets : {2, 7, 512, 4096}) {
    const torch::Tensor slots = bigram_slots(ids, buckets).to(torch::kLong);
    for (int64_t row = 0; row < 2; ++row) {
      EXPECT_EQ(slots[row][0].item<int64_t>(), buckets - 1);
      for (int64_t t = 1; t < 4; ++t) {
        const auto token = static_cast<uint32_t>(ids[row][t].item<int64_t>());
        const auto before = static_cast<uint32_t>(ids[row][t - 1].item<int64_t>());
        const int64_t hash = static_cast<int32_t>((36313U * token) ^ (27191U * before));
        const int64_t expected = ((hash % (buckets - 1)) + (buckets - 1)) % (buckets - 1);
        EXPECT_EQ(slots[row][t].item<int64_t>(), expected) << "row " << row << " position " << t;
      }
    }
  }
}

TEST(BigramHash, LooksUpAndProjects) {
  ModelConfig config = small_config();
  config.bigram_hash = {{.site = BigramSite::kInput, .buckets = 16, .dim = 6}};
  torch::nn::Module owner;
  const BigramHash bigram(config, owner);
  EXPECT_NEAR(parameter(owner, "bigram.scale").item<double>(), 0.05, 1e-8);
  randomize(owner);
  const torch::Tensor ids = random_ids(2, 9, config), slots = bigram_slots(ids, 16);
  const torch::Tensor found = bigram.vectors(ids, torch::kFloat);
  const torch::Tensor table = parameter(owner, "bigram.embed.weight"),
                      projection = parameter(owner, "bigram.proj.weight");
  for (int64_t t = 0; t < 9; ++t) {
    const torch::Tensor expected = projection.mv(table[slots[1][t].item<int64_t>()]);
    EXPECT_LT(max_difference(found[1][t], expected), 1e-5);
  }
}

TEST(SmearGate, PerChannelBlendsWithTheUnblendedPredecessor) {
  ModelConfig config = small_config();
  config.smear_gate = {{.variant = SmearVariant::kPerChannel}};
  torch::nn::Module owner;
  const SmearGate gate(config, owner);
  randomize(owner);
  const torch::Tensor x = at::randn({2, 5, 24}), y = gate.smear(x, torch::kFloat);
  const torch::Tensor weights = parameter(owner, "smear.gate");
  for (int64_t t = 0; t < 5; ++t) {
    for (int64_t d = 0; d < 24; ++d) {
      const double g = sigmoid(weights[d].item<double>());
      const double before = t == 0 ? 0 : x[1][t - 1][d].item<double>();
      EXPECT_NEAR(y[1][t][d].item<double>(), (1 - g) * x[1][t][d].item<double>() + g * before, 1e-5);
    }
  }
}

TEST(SmearGate, PerTokenAddsTheUnblendedPredecessor) {
  ModelConfig config = small_config();
  config.smear_gate = {{.variant = SmearVariant::kPerToken}};
  torch::nn::Module owner;
  const SmearGate gate(config, owner);
  const torch::Tensor x = at::randn({2, 5, 24});
  EXPECT_TRUE(at::equal(gate.smear(x, torch::kFloat), x)) << "does nothing at the start";
  randomize(owner);
  const torch::Tensor y = gate.smear(x, torch::kFloat), w = parameter(owner, "smear_gate.weight")[0];
  const double lambda = parameter(owner, "smear_lambda").item<double>();
  for (int64_t t = 0; t < 5; ++t) {
    const double opening = lambda * sigmoid(x[1][t].dot(w).item<double>());
    const torch::Tensor before = t == 0 ? at::zeros({24}) : x[1][t - 1];
    EXPECT_LT(max_difference(y[1][t], x[1][t] + opening * before), 1e-5);
  }
}

TEST(ValueEmbedding, BelongsToItsLayersOnly) {
  ModelConfig config = small_config();
  config.value_embedding = {{.dim = 8, .layers = {1, 4}}};
  torch::nn::Module owner;
  const ValueEmbedding values(config, owner);
  randomize(owner);
  const torch::Tensor ids = random_ids(1, 3, config), shared = values.shared(ids, torch::kFloat);
  for (const int64_t layer : {0, 2, 3}) EXPECT_FALSE(values.for_layer(layer, shared).defined());
  const torch::Tensor found = values.for_layer(4, shared);
  const torch::Tensor row = parameter(owner, "ve_shared.embed.weight")[ids[0][2].item<int64_t>()];
  const torch::Tensor expected = parameter(owner, "ve_shared.proj.weight").mv(row) *
                                 parameter(owner, "ve_shared.scale") * parameter(owner, "ve_layer_scales.1");
  EXPECT_EQ(found.size(2), 2 * 6);
  EXPECT_LT(max_difference(found[0][2], expected), 1e-5);
}

TEST(ExclusiveAttention, LeavesNothingAlongTheOwnValue) {
  const torch::Tensor y = at::randn({2, 3, 4, 6}), v = at::randn({2, 3, 2, 6});
  const torch::Tensor z = without_own_value(y, v);
  for (int64_t head = 0; head < 4; ++head) {
    const torch::Tensor own = v.select(2, head / 2), out = z.select(2, head), in = y.select(2, head);
    EXPECT_LT((out * own).sum(-1).abs().max().item<double>(), 1e-5);
    const torch::Tensor removed = in - out;  // parallel to the value: |removed · v| = |removed| |v|
    EXPECT_LT(max_difference((removed * own).sum(-1).abs(), removed.norm(2, -1) * own.norm(2, -1)), 1e-5);
  }
  EXPECT_TRUE(at::equal(without_own_value(y, at::zeros_like(v)), y)) << "a zero value takes nothing away";
}

TEST(Rotary, TheBaseGrowsBeyondTheReferenceLength) {
  EXPECT_EQ(rotary_base(10000, 16, 1024, 1024), 10000.0);
  EXPECT_DOUBLE_EQ(rotary_base(10000, 16, 1024, 2048), 10000.0 * std::pow(2.0, 8.0 / 7.0));
  EXPECT_NEAR(rotary_base(10000, 64, 1024, 2048), 20452, 1);
  EXPECT_EQ(rotary_base(10000, 64, std::nullopt, 1 << 20), 10000.0);
}

TEST(Rotary, TurnsTheLeadingComponentsAndNormsAll) {
  RotaryTable table(4, 10000);  // of 6
  const RotaryAngles angles = table.angles(5, torch::kCPU);
  const torch::Tensor x = at::randn({1, 5, 2, 6}), y = qk_norm_rotary(x, angles), normed = rms_norm(x);
  EXPECT_LT(max_difference(y.narrow(-1, 4, 2), normed.narrow(-1, 4, 2)), 1e-6);
  for (int64_t t = 0; t < 5; ++t) {
    for (int64_t pair = 0; pair < 2; ++pair) {
      const double theta = static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(pair) / 4);
      const double a = normed[0][t][1][pair].item<double>(), b = normed[0][t][1][pair + 2].item<double>();
      EXPECT_NEAR(y[0][t][1][pair].item<double>(), a * std::cos(theta) + b * std::sin(theta), 1e-5);
      EXPECT_NEAR(y[0][t][1][pair + 2].item<double>(), b * std::cos(theta) - a * std::sin(theta), 1e-5);
    }
  }
}

TEST(LeakyReluSquared, HalvesNegativesBeforeSquaring) {
  const torch::Tensor y = leaky_relu_squared(at::tensor({-4.0F, 0.0F, 3.0F}));
  EXPECT_TRUE(at::equal(y, at::tensor({4.0F, 0.0F, 9.0F})));
}

TEST(LayerScale, EqualsScaledProjections) {
  // Queries and keys are normed, so a scaled input scales only the values: attention's output by c, the
  // squared ReLU's by c².
  ModelConfig config = small_config();
  Decoder plain = random_model(config);
  config.layer_scale = true;
  Decoder scaled(config);
  const at::NoGradGuard no_grad;
  for (const auto& item : scaled->named_parameters()) {
    torch::Tensor target = item.value();
    target.copy_(plain->named_parameters()[item.key()]);
  }
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const std::string block = "blocks." + std::to_string(layer) + ".";
    const double c = 1 / std::sqrt(static_cast<double>(layer + 1));
    plain->named_parameters()[block + "attn.proj.weight"].mul_(c);
    plain->named_parameters()[block + "mlp.proj.weight"].mul_(c * c);
  }
  const torch::Tensor ids = random_ids(2, 7, config);
  EXPECT_LT(max_difference(plain->hidden(ids), scaled->hidden(ids)), 1e-4);
}

TEST(MarkovMix, PairSlotsFollowTheFormulaInInt64) {
  const torch::Tensor ids = at::tensor({65535, 65534, 0, 1, 1023, 77}, torch::kLong).view({2, 3});
  const torch::Tensor slots = markov_pair_slots(ids, 65521);
  for (int64_t row = 0; row < 2; ++row) {
    for (int64_t t = 0; t < 3; ++t) {
      const int64_t before = t == 0 ? 0 : ids[row][t - 1].item<int64_t>();
      const int64_t hash = (before * 1000003) ^ (ids[row][t].item<int64_t>() * 92821);
      EXPECT_EQ(slots[row][t].item<int64_t>(), hash % 65521);
    }
  }
}

class MarkovMixing : public testing::Test {
 protected:
  MarkovMixing() {
    config_.markov_mix = {{.gate_threshold = 0.3, .gate_temp = 0.5, .pairs = {{.buckets = 31}}}};
    config_.markov_mix->pairs->gate_threshold = 0.1;
    config_.markov_mix->pairs->gate_temp = 0.7;
  }
  double gate(const torch::Tensor& m, double threshold, double temp) {
    const torch::Tensor sorted = std::get<0>(m.sort(0, /*descending=*/true));
    return sigmoid((sorted[0].item<double>() - sorted[1].item<double>() - threshold) / temp);
  }
  ModelConfig config_ = small_config();
};

TEST_F(MarkovMixing, AddsTheGatedTables) {
  torch::nn::Module owner;
  const MarkovMix markov(config_, owner);
  randomize(owner);
  const torch::Tensor ids = random_ids(2, 5, config_), h = at::randn({2, 5, 24}),
                      logits = at::randn({2, 5, 50});
  const torch::Tensor mixed = markov.mix(logits, h, ids);
  const torch::Tensor slots = markov_pair_slots(ids, 31);
  for (int64_t t = 0; t < 5; ++t) {
    const torch::Tensor m = parameter(owner, "markov.transition_logits")[ids[1][t].item<int64_t>()] /
                            parameter(owner, "markov_temp");
    const double share =
        sigmoid((h[1][t].dot(parameter(owner, "mix_proj.weight")[0]) + parameter(owner, "mix_proj.bias")[0])
                    .item<double>());
    torch::Tensor expected = logits[1][t] + gate(m, 0.3, 0.5) * share * m;
    if (t > 0) {
      const torch::Tensor row = parameter(owner, "markov2.transition_logits")[slots[1][t].item<int64_t>()];
      const torch::Tensor capped = 30 * at::tanh(row / 30);
      expected = expected + parameter(owner, "markov2_mix") * gate(capped, 0.1, 0.7) * capped;
    }
    EXPECT_LT(max_difference(mixed[1][t], expected), 1e-4) << "position " << t;
  }
}

TEST_F(MarkovMixing, MixesTheLastPositionsAsItMixesAll) {
  Decoder model = random_model(config_);
  EXPECT_FALSE(model->logits_are_softcapped_scores());
  const torch::Tensor ids = random_ids(2, 6, config_), h = model->hidden(ids);
  const torch::Tensor all = model->logits(h, ids), last = model->logits(h.slice(1, 4), ids);
  EXPECT_LT(max_difference(all.slice(1, 4), last), 1e-5);
}

ModelConfig everything() {
  ModelConfig config = small_config();
  config.bigram_hash = {{.site = BigramSite::kInput, .buckets = 16, .dim = 6}};
  config.smear_gate = {{.variant = SmearVariant::kPerChannel}};
  config.value_embedding = {{.dim = 8, .layers = {1, 4}}};
  config.exclusive_attention = {{.last_n = 3}};
  config.rotary = {{.dims = 4, .ntk_reference_length = 6}};
  config.markov_mix = {{.pairs = {{.buckets = 31}}}};
  config.mlp_activation = MlpActivation::kLeakyRelu2;
  config.layer_scale = true;
  return config;
}

ModelConfig everything_of_pr192() {
  ModelConfig config = small_config();
  config.bigram_hash = {{.site = BigramSite::kEveryLayer, .buckets = 16, .dim = 24}};
  config.smear_gate = {{.variant = SmearVariant::kPerToken}};
  return config;
}

TEST(Features, TogetherNeverLookAhead) {
  for (const ModelConfig& config : {everything(), everything_of_pr192()}) {
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
  for (const ModelConfig& config : {everything(), everything_of_pr192()}) {
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
  for (const ModelConfig& config : {everything(), everything_of_pr192()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(2, 12, config), exact = model->logits(model->hidden(ids), ids);
    model->set_compute_dtype(torch::kBFloat16);
    const torch::Tensor rounded = model->logits(model->hidden(ids), ids);
    EXPECT_EQ(rounded.scalar_type(), torch::kFloat);
    EXPECT_LT(max_difference(rounded, exact), 0.1 * exact.abs().max().item<double>());
  }
}

TEST(Features, WorkOnASequenceOfOneToken) {
  for (const ModelConfig& config : {everything(), everything_of_pr192()}) {
    Decoder model = random_model(config);
    const torch::Tensor ids = random_ids(2, 1, config), longer = at::cat({ids, ids}, 1);
    const torch::Tensor one = model->logits(model->hidden(ids), ids),
                        two = model->logits(model->hidden(longer), longer);
    EXPECT_LT(max_difference(one[1][0], two[1][0]), 1e-5);
  }
}

}  // namespace
}  // namespace golf::test
