// Each feature against a naive loop over its formula.
#include <cmath>

#include "model/feature.h"
#include "model/features/formulas.h"
#include "model/ops.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One feature of a small model with its parameters, without the model around it.
class OneFeature {
 public:
  OneFeature(const char* name, const Json::Object& settings) {
    config_.features.set(name, settings);
    parameters_ = std::make_unique<ParameterStore>(config_);
    list_ = make_features(config_, *parameters_);
  }
  const Feature& operator*() const { return *list_.front(); }
  const Feature* operator->() const { return list_.front().get(); }
  const ModelConfig& config() const { return config_; }
  torch::Tensor parameter(const std::string& name) { return parameters_->tensor(name).detach(); }
  void randomize(std::initializer_list<const char*> names) {
    const at::NoGradGuard no_grad;
    for (const char* name : names) parameters_->tensor(name).copy_(at::randn_like(parameters_->tensor(name)));
  }
  Pass pass(const torch::Tensor& ids_BT) const {
    Pass pass;
    pass.ids_BT = ids_BT;
    if (torch::Tensor kept = list_.front()->prepare(pass); kept.defined()) {
      pass.prepared[list_.front().get()] = kept;
    }
    return pass;
  }

 private:
  ModelConfig config_ = small_config();
  std::unique_ptr<ParameterStore> parameters_;
  FeatureList list_;
};

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
  OneFeature bigram("bigram_hash", {{"buckets", 16}, {"dim", 6}});
  EXPECT_NEAR(bigram.parameter("bigram.scale").item<double>(), 0.05, 1e-8);
  bigram.randomize({"bigram.scale", "bigram.embed.weight", "bigram.proj.weight"});
  const torch::Tensor ids = random_ids(2, 9, bigram.config()), slots = bigram_slots(ids, 16);
  const torch::Tensor x = at::randn({2, 9, 24}), found = bigram->embed(x, bigram.pass(ids));
  const torch::Tensor table = bigram.parameter("bigram.embed.weight"),
                      projection = bigram.parameter("bigram.proj.weight");
  for (int64_t t = 0; t < 9; ++t) {
    const torch::Tensor added = projection.mv(table[slots[1][t].item<int64_t>()]);
    EXPECT_LT(max_difference(found[1][t], x[1][t] + bigram.parameter("bigram.scale") * added), 1e-5);
  }
}

TEST(SmearGate, PerChannelBlendsWithTheUnblendedPredecessor) {
  OneFeature gate("smear_gate", {{"variant", "per_channel"}});
  gate.randomize({"smear.gate"});
  const torch::Tensor x = at::randn({2, 5, 24}), ids = random_ids(2, 5, gate.config());
  const torch::Tensor y = gate->after_norm(x, gate.pass(ids)), weights = gate.parameter("smear.gate");
  EXPECT_TRUE(at::equal(gate->before_norm(x, gate.pass(ids)), x));
  for (int64_t t = 0; t < 5; ++t) {
    for (int64_t d = 0; d < 24; ++d) {
      const double g = sigmoid(weights[d].item<double>());
      const double before = t == 0 ? 0 : x[1][t - 1][d].item<double>();
      EXPECT_NEAR(y[1][t][d].item<double>(), (1 - g) * x[1][t][d].item<double>() + g * before, 1e-5);
    }
  }
}

TEST(SmearGate, PerTokenAddsTheUnblendedPredecessor) {
  OneFeature gate("smear_gate", {{"variant", "per_token"}});
  const torch::Tensor x = at::randn({2, 5, 24}), ids = random_ids(2, 5, gate.config());
  EXPECT_TRUE(at::equal(gate->before_norm(x, gate.pass(ids)), x)) << "does nothing at the start";
  gate.randomize({"smear_lambda", "smear_gate.weight"});
  const torch::Tensor y = gate->before_norm(x, gate.pass(ids)), w = gate.parameter("smear_gate.weight")[0];
  const double lambda = gate.parameter("smear_lambda").item<double>();
  for (int64_t t = 0; t < 5; ++t) {
    const double opening = lambda * sigmoid(x[1][t].dot(w).item<double>());
    const torch::Tensor before = t == 0 ? at::zeros({24}) : x[1][t - 1];
    EXPECT_LT(max_difference(y[1][t], x[1][t] + opening * before), 1e-5);
  }
}

TEST(SmearGate, ReadsAWindowOfChannelsAndStopsAtTheFirstTokenOfADocument) {
  OneFeature gate("smear_gate", {{"variant", "per_token"}, {"window", 7}, {"bos_id", 3}});
  gate.randomize({"smear_lambda", "smear_gate.weight"});
  const torch::Tensor x = at::randn({1, 5, 24}), ids = at::tensor({3, 9, 3, 9, 9}, torch::kLong).view({1, 5});
  const torch::Tensor y = gate->before_norm(x, gate.pass(ids)), w = gate.parameter("smear_gate.weight")[0];
  const double lambda = gate.parameter("smear_lambda").item<double>();
  ASSERT_EQ(w.numel(), 7);
  for (int64_t t = 0; t < 5; ++t) {
    const bool starts = t == 0 || t == 2;
    const double opening = starts ? 0 : lambda * sigmoid(x[0][t].narrow(0, 0, 7).dot(w).item<double>());
    EXPECT_LT(max_difference(y[0][t], x[0][t] + opening * x[0][starts ? t : t - 1]), 1e-5);
  }
}

TEST(ValueEmbedding, BelongsToItsLayersOnly) {
  OneFeature values("value_embedding", {{"dim", 8}, {"layers", Json::array({1, 4})}});
  values.randomize({"ve_shared.scale", "ve_shared.embed.weight", "ve_shared.proj.weight", "ve_layer_scales.0",
                    "ve_layer_scales.1"});
  const torch::Tensor ids = random_ids(1, 3, values.config()), v = at::randn({1, 3, 2 * 6});
  const Pass pass = values.pass(ids);
  for (const int64_t layer : {0, 2, 3}) EXPECT_TRUE(at::equal(values->values(layer, v, pass), v));
  const torch::Tensor row = values.parameter("ve_shared.embed.weight")[ids[0][2].item<int64_t>()];
  const torch::Tensor added = values.parameter("ve_shared.proj.weight").mv(row) *
                              values.parameter("ve_shared.scale") * values.parameter("ve_layer_scales.1");
  EXPECT_LT(max_difference(values->values(4, v, pass)[0][2], v[0][2] + added), 1e-5);
}

TEST(AttentionGate, ScalesEachHeadByAGateOfTheBlocksInput) {
  for (const char* variant : {"sparse", "dense", "output"}) {
    const bool dense = variant == std::string("dense"), output = variant == std::string("output");
    OneFeature gate("attention_gate",
                    {{"variant", variant}, {"window", dense ? Json() : Json(7)}, {"scale", 0.5}});
    const std::string name = output ? "blocks.2.attn.attn_gate_proj.weight" : "blocks.2.attn.attn_gate_w";
    gate.randomize({name.c_str()});
    const torch::Tensor w = gate.parameter(name), x = at::randn({1, 3, 24}), y = at::randn({1, 3, 4, 6});
    ASSERT_EQ(w.size(1), dense ? 24 : 7);
    const torch::Tensor found = scale_heads(y, gate->head_gate({2, x, {}}));
    for (int64_t head = 0; head < 4; ++head) {
      const double opening = sigmoid(0.5 * x[0][1].narrow(0, 0, w.size(1)).dot(w[head]).item<double>());
      EXPECT_LT(max_difference(found[0][1][head], (output ? 2 : 1) * opening * y[0][1][head]), 1e-5);
    }
  }
}

TEST(GatedSkips, BlendTheWeightedSkipWithTheStream) {
  OneFeature skips("gated_skips", {});
  skips.randomize({"skip_gates"});
  const torch::Tensor x = at::randn({1, 2, 24}), skip = at::randn({1, 2, 24}), weight = at::randn({24});
  const torch::Tensor found = skips->join_skip({.skip_row = 1}, x, skip, weight);
  const torch::Tensor gate = at::sigmoid(skips.parameter("skip_gates")[1]), s = weight * skip;
  EXPECT_LT(max_difference(found, s + gate * (x - s)), 1e-6);
}

TEST(ParallelResidual, WritesBothOutputsToBothLanes) {
  OneFeature parallel("parallel_residual", {{"from_block", 3}, {"layout", "two_lanes"}});
  EXPECT_NEAR(parallel.parameter("parallel_resid_lambdas")[3][1].item<double>(), 1.1, 1e-6);
  parallel.randomize({"parallel_post_lambdas", "parallel_resid_lambdas"});
  const torch::Tensor post = parallel.parameter("parallel_post_lambdas")[3],
                      resid = parallel.parameter("parallel_resid_lambdas")[3];
  const Stream stream{at::randn({1, 2, 24}), at::randn({1, 2, 24})};
  const torch::Tensor a = at::randn({1, 2, 24}), m = at::randn({1, 2, 24});
  const torch::Tensor a_scale = at::randn({24}), m_scale = at::randn({24});
  const Stream written = parallel->write_lanes(3, stream, {a / a_scale, a_scale}, {m / m_scale, m_scale});
  EXPECT_LT(max_difference(written.lane0_BTD, resid[0] * stream.lane0_BTD + post[0][0] * a + post[1][0] * m),
            1e-5);
  EXPECT_LT(max_difference(written.lane1_BTD, resid[1] * stream.lane1_BTD + post[0][1] * a + post[1][1] * m),
            1e-5);
}

TEST(AsymLogit, CapsEachSignByItsOwn) {
  const torch::Tensor z = at::tensor({-60.0F, -1.0F, 0.0F, 1.0F, 60.0F});
  const torch::Tensor found = asymmetric_softcap(z, at::scalar_tensor(10.0F), at::scalar_tensor(40.0F));
  const std::vector<double> caps = {40, 40, 10, 10, 10};
  for (int64_t i = 0; i < 5; ++i) {
    const double x = z[i].item<double>(), cap = caps[static_cast<size_t>(i)];
    EXPECT_NEAR(found[i].item<double>(), cap * std::tanh(x / cap), 1e-5);
  }
}

TEST(ExclusiveAttention, LeavesNothingAlongTheOwnValue) {
  const torch::Tensor y = at::randn({2, 3, 4, 6}), v = at::randn({2, 3, 2, 6});
  const torch::Tensor z = exclusive_attention(y, v);
  for (int64_t head = 0; head < 4; ++head) {
    const torch::Tensor own = v.select(2, head / 2), out = z.select(2, head), in = y.select(2, head);
    EXPECT_LT((out * own).sum(-1).abs().max().item<double>(), 1e-5);
    const torch::Tensor removed = in - out;  // parallel to the value: |removed · v| = |removed| |v|
    EXPECT_LT(max_difference((removed * own).sum(-1).abs(), removed.norm(2, -1) * own.norm(2, -1)), 1e-5);
  }
  EXPECT_TRUE(at::equal(exclusive_attention(y, at::zeros_like(v)), y)) << "a zero value takes nothing away";
}

TEST(Rotary, TheBaseGrowsBeyondTheReferenceLength) {
  EXPECT_EQ(rotary_base(10000, 16, 1024, 1024), 10000.0);
  EXPECT_DOUBLE_EQ(rotary_base(10000, 16, 1024, 2048), 10000.0 * std::pow(2.0, 8.0 / 7.0));
  EXPECT_NEAR(rotary_base(10000, 64, 1024, 2048), 20452, 1);
  EXPECT_EQ(rotary_base(10000, 64, std::nullopt, 1 << 20), 10000.0);
}

TEST(Rotary, TurnsTheLeadingComponentsAndNormsAll) {
  RotaryTable table({.dims = 4, .base = 10000});  // of 6
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
  const torch::Tensor y = leaky_relu_squared(at::tensor({-4.0F, 0.0F, 3.0F}), 0.5);
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
  double gate(const torch::Tensor& m, double threshold, double temp) {
    const torch::Tensor sorted = std::get<0>(m.sort(0, /*descending=*/true));
    return sigmoid((sorted[0].item<double>() - sorted[1].item<double>() - threshold) / temp);
  }
  OneFeature markov_{
      "markov_mix",
      {{"gate_threshold", 0.3},
       {"gate_temp", 0.5},
       {"pairs", Json::object({{"buckets", 31}, {"gate_threshold", 0.1}, {"gate_temp", 0.7}})}}};
};

TEST_F(MarkovMixing, AddsTheGatedTables) {
  markov_.randomize({"markov_temp", "markov2_mix", "markov.transition_logits", "mix_proj.weight",
                     "mix_proj.bias", "markov2.transition_logits"});
  const torch::Tensor ids = random_ids(2, 5, markov_.config()), h = at::randn({2, 5, 24}),
                      logits = at::randn({2, 5, 50});
  const torch::Tensor mixed = markov_->logits(logits, h, ids);
  const torch::Tensor slots = markov_pair_slots(ids, 31);
  for (int64_t t = 0; t < 5; ++t) {
    const torch::Tensor m = markov_.parameter("markov.transition_logits")[ids[1][t].item<int64_t>()] /
                            markov_.parameter("markov_temp");
    const double share =
        sigmoid((h[1][t].dot(markov_.parameter("mix_proj.weight")[0]) + markov_.parameter("mix_proj.bias")[0])
                    .item<double>());
    torch::Tensor expected = logits[1][t] + gate(m, 0.3, 0.5) * share * m;
    if (t > 0) {
      const torch::Tensor row = markov_.parameter("markov2.transition_logits")[slots[1][t].item<int64_t>()];
      const torch::Tensor capped = 30 * at::tanh(row / 30);
      expected = expected + markov_.parameter("markov2_mix") * gate(capped, 0.1, 0.7) * capped;
    }
    EXPECT_LT(max_difference(mixed[1][t], expected), 1e-4) << "position " << t;
  }
}

TEST_F(MarkovMixing, MixesTheLastPositionsAsItMixesAll) {
  Decoder model = random_model(markov_.config());
  EXPECT_FALSE(model->logits_are_softcapped());
  const torch::Tensor ids = random_ids(2, 6, markov_.config()), h = model->hidden(ids);
  const torch::Tensor all = model->logits(h, ids), last = model->logits(h.slice(1, 4), ids);
  EXPECT_LT(max_difference(all.slice(1, 4), last), 1e-5);
}

}  // namespace
}  // namespace golf::test
