// The models of the records against a naive float64 implementation, without reference data.
#include <cmath>
#include <map>

#include "golf/model/loss.h"
#include "support/error_matchers.h"
#include "unit/model/plain_decoder.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

ModelConfig record_config(const char* layout) {
  ModelConfig config = small_config();
  config.num_layers = 6;
  config.features = {{"smear_gate", {{"variant", "per_token"}, {"window", 5}, {"bos_id", 1}}},
                     {"exclusive_attention", {{"last_n", 6}}},
                     {"rotary", {{"dims", 4}}},
                     {"depth_recurrence", {{"first_block", 1}, {"last_block", 2}, {"loops", 2}}},
                     {"gated_skips", {}},
                     {"parallel_residual", {{"from_block", 4}, {"layout", layout}}},
                     {"attention_gate", {{"window", 5}, {"scale", 0.5}}},
                     {"asym_logit", {}}};
  config.mlp_activation = MlpActivation::kLeakyRelu2;
  config.layer_scale = true;
  return config;
}

/// PR 1855's forward pass written down once more, one document after another, in float64.
class NaiveRecord {
 public:
  NaiveRecord(Decoder& model, std::vector<int64_t> encoder, std::vector<int64_t> decoder)
      : p_(double_parameters(model)), config_(model->config()), encoder_(encoder), decoder_(decoder) {}

  /// ids [T], bounds of documents → logits [T, V].
  torch::Tensor logits(const torch::Tensor& ids, const std::vector<int64_t>& bounds) {
    torch::Tensor x = smeared(p_["tok_emb.weight"].index_select(0, ids), ids);
    const torch::Tensor x0 = x = rms(x);
    std::vector<torch::Tensor> stack;
    for (const int64_t block : encoder_) {
      x = one_lane(block, x, x0, bounds);
      stack.push_back(x);
    }
    torch::Tensor lane1;
    const bool lanes = config_.features.find("parallel_residual")->choice("layout") == "two_lanes";
    for (size_t j = 0; j < decoder_.size(); ++j) {
      const int64_t block = decoder_[j];
      if (lanes && block >= 4 && !lane1.defined()) lane1 = x;
      if (!stack.empty()) {
        const auto row = static_cast<int64_t>(j);
        const torch::Tensor s = p_["skip_weights"][row] * stack.back();
        x = s + at::sigmoid(p_["skip_gates"][row]) * (x - s);
        stack.pop_back();
      }
      if (!lane1.defined()) {
        x = one_lane(block, x, x0, bounds);
        continue;
      }
      const torch::Tensor a =
          at(block, "attn_scale") * attention(block, normed(block, mixed(block, x, x0)), bounds);
      const torch::Tensor m = at(block, "mlp_scale") * mlp(block, normed(block, lane1));
      const torch::Tensor post = p_["parallel_post_lambdas"][block], r = p_["parallel_resid_lambdas"][block];
      const torch::Tensor next = r[0] * x + post[0][0] * a + post[1][0] * m;
      lane1 = r[1] * lane1 + post[0][1] * a + post[1][1] * m;
      x = next;
    }
    if (lane1.defined()) x = (x + lane1) / 2;
    const torch::Tensor z = rms(x).matmul(p_["tok_emb.weight"].t());
    const torch::Tensor cap = at::where(z.ge(0), p_["softcap_pos"], p_["softcap_neg"]);
    return cap * at::tanh(z / cap);
  }

 private:
  torch::Tensor& at(int64_t block, const std::string& name) {
    return p_["blocks." + std::to_string(block) + "." + name];
  }
  static torch::Tensor rms(const torch::Tensor& x) {
    return x / at::sqrt(at::square(x).mean({-1}, /*keepdim=*/true) + 1.1920928955078125e-07);
  }
  torch::Tensor smeared(const torch::Tensor& x, const torch::Tensor& ids) {
    torch::Tensor y = x.clone();
    for (int64_t t = 1; t < x.size(0); ++t) {
      if (ids[t].item<int64_t>() == 1) continue;
      const torch::Tensor gate = at::sigmoid(x[t].narrow(0, 0, 5).dot(p_["smear_gate.weight"][0]));
      y[t] = x[t] + p_["smear_lambda"][0] * gate * x[t - 1];
    }
    return y;
  }
  torch::Tensor normed(int64_t block, const torch::Tensor& x) {
    return rms(x) / std::sqrt(static_cast<double>(block + 1));
  }
  torch::Tensor mixed(int64_t block, const torch::Tensor& x, const torch::Tensor& x0) {
    return at(block, "resid_mix")[0] * x + at(block, "resid_mix")[1] * x0;
  }
  torch::Tensor one_lane(int64_t block, const torch::Tensor& x, const torch::Tensor& x0,
                         const std::vector<int64_t>& bounds) {
    const torch::Tensor u = mixed(block, x, x0);
    const torch::Tensor a = u + at(block, "attn_scale") * attention(block, normed(block, u), bounds);
    const bool parallel = block >= 4;
    return a + at(block, "mlp_scale") * mlp(block, normed(block, parallel ? u : a));
  }
  torch::Tensor mlp(int64_t block, const torch::Tensor& n) {
    const torch::Tensor inner = n.matmul(at(block, "mlp.fc.weight").t());
    return at::square(at::where(inner.gt(0), inner, inner / 2)).matmul(at(block, "mlp.proj.weight").t());
  }
  /// x [T, K], the first 4 components turned.
  static torch::Tensor turned(const torch::Tensor& x) {
    torch::Tensor y = x.clone();
    for (int64_t t = 0; t < x.size(0); ++t) {
      for (int64_t i = 0; i < 2; ++i) {
        const double angle = static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(i) / 4);
        y[t][i] = x[t][i] * std::cos(angle) + x[t][i + 2] * std::sin(angle);
        y[t][i + 2] = x[t][i + 2] * std::cos(angle) - x[t][i] * std::sin(angle);
      }
    }
    return y;
  }
  torch::Tensor attention(int64_t block, const torch::Tensor& n, const std::vector<int64_t>& bounds) {
    const int64_t K = config_.head_dim(), T = n.size(0);
    const auto head = [&](const char* name, int64_t h) {
      return n.matmul(at(block, name).narrow(0, h * K, K).t());
    };
    torch::Tensor mask = at::ones({T, T}, torch::kBool);
    for (size_t i = 0; i + 1 < bounds.size(); ++i) {
      const int64_t first = bounds[i], length = bounds[i + 1] - first;
      mask.narrow(0, first, length)
          .narrow(1, first, length)
          .copy_(at::ones({length, length}, torch::kBool).triu(1));
    }
    std::vector<torch::Tensor> heads;
    for (int64_t h = 0; h < config_.num_heads; ++h) {
      const int64_t g = h / (config_.num_heads / config_.num_kv_heads);
      const torch::Tensor q = turned(rms(head("attn.c_q.weight", h))) * at(block, "attn.q_gain")[h];
      const torch::Tensor k = turned(rms(head("attn.c_k.weight", g))), v = head("attn.c_v.weight", g);
      const torch::Tensor scores =
          (q.matmul(k.t()) / std::sqrt(static_cast<double>(K))).masked_fill(mask, -1e30);
      torch::Tensor y = scores.softmax(-1).matmul(v);
      const torch::Tensor unit = v / v.norm(2, -1, true);
      y = y - (y * unit).sum(-1, true) * unit;
      const torch::Tensor gate = at::sigmoid(0.5 * n.narrow(1, 0, 5).mv(at(block, "attn.attn_gate_w")[h]));
      heads.push_back(y * gate.unsqueeze(1));
    }
    return at::cat(heads, 1).matmul(at(block, "attn.proj.weight").t());
  }

  std::map<std::string, torch::Tensor> p_;
  ModelConfig config_;
  std::vector<int64_t> encoder_, decoder_;
};

torch::Tensor logits_of(Decoder& model, const torch::Tensor& ids, const std::vector<int64_t>& bounds = {}) {
  return model->logits(model->hidden(ids, bounds), ids);
}

TEST(Records, LogitsEqualTheNaiveFloat64Implementation) {
  const at::NoGradGuard no_grad;
  for (const char* layout : {"parallel", "two_lanes"}) {
    Decoder model = random_model(record_config(layout));
    for (const char* cap : {"softcap_pos", "softcap_neg"}) {
      torch::Tensor(model->named_parameters()[cap]).fill_(cap[8] == 'p' ? 3.0 : 5.0);
    }
    const torch::Tensor ids = at::tensor({1, 7, 9, 1, 30, 31, 1, 8, 8, 2}, torch::kLong);
    for (const std::vector<int64_t>& bounds : {std::vector<int64_t>{0, 10}, {0, 3, 6, 10}, {0, 1, 8, 10}}) {
      NaiveRecord looped(model, {0, 1, 2, 1, 2}, {1, 2, 3, 4, 5}), once(model, {0, 1, 2}, {3, 4, 5});
      model->set_recurrence(true);
      EXPECT_LT(max_difference(logits_of(model, ids.unsqueeze(0), bounds)[0], looped.logits(ids, bounds)),
                1e-4);
      model->set_recurrence(false);
      EXPECT_LT(max_difference(logits_of(model, ids.unsqueeze(0), bounds)[0], once.logits(ids, bounds)),
                1e-4);
    }
  }
}

TEST(Records, ADocumentInARowEqualsTheDocumentAlone) {
  const at::NoGradGuard no_grad;
  Decoder model = random_model(record_config("two_lanes"));
  torch::Tensor ids = random_ids(2, 9, record_config("two_lanes")) + 0;
  ids.clamp_min_(2);
  for (const int64_t start : {0, 4, 9, 11}) ids.view({-1})[start] = 1;
  const torch::Tensor packed = logits_of(model, ids, {0, 4, 9, 11, 18}).flatten(0, 1);
  // Positions are counted from the row's beginning, and rotary attention depends on distances alone.
  for (const auto& [first, end] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 4}, {4, 9}, {9, 11}, {11, 18}}) {
    const torch::Tensor alone = logits_of(model, ids.view({1, -1}).narrow(1, first, end - first));
    EXPECT_LT(max_difference(packed.narrow(0, first, end - first), alone[0]), 1e-4) << first;
  }
  // The row's end ends a document, whether the bounds say so or not.
  EXPECT_LT(max_difference(logits_of(model, ids, {0, 4, 11, 18}).flatten(0, 1).narrow(0, 4, 7),
                           packed.narrow(0, 4, 7)),
            1e-5);
}

TEST(Records, BoundsThatDoNotAscendAreRefused) {
  Decoder model = random_model(small_config());
  const torch::Tensor ids = random_ids(1, 6, small_config());
  for (const std::vector<int64_t>& bounds :
       {std::vector<int64_t>{0}, {0, 5}, {1, 6}, {0, 3, 3, 6}, {0, 4, 2, 6}, {0, 7}}) {
    EXPECT_GOLF_ERROR(model->hidden(ids, bounds), ErrorCode::kInvalidArgument,
                      "cu_seqlens must ascend from 0 to the number of positions 6");
  }
}

TEST(Records, AHookSeesALoopedMatrixOncePerCall) {
  const at::NoGradGuard no_grad;
  Decoder model = random_model(record_config("two_lanes"));
  std::map<std::string, int64_t> seen;
  model->set_product_hook(
      [&](const std::string& name, const torch::Tensor&, const torch::Tensor&) { ++seen[name]; });
  model->hidden(random_ids(1, 4, record_config("two_lanes")));
  for (int64_t block = 0; block < 6; ++block) {
    const std::string name = "blocks." + std::to_string(block) + ".mlp.fc.weight";
    EXPECT_EQ(seen[name], model->plan().calls_of(block)) << name;
  }
  EXPECT_EQ(seen["blocks.1.mlp.fc.weight"], 3);
}

TEST(Records, TheTrainingLossKeepsTheSymmetricSoftcap) {
  Decoder model = random_model(record_config("two_lanes"));
  torch::Tensor(model->named_parameters()["softcap_pos"]).data().fill_(3.0);
  const torch::Tensor ids = random_ids(1, 8, model->config()), targets = random_ids(1, 8, model->config());
  const torch::Tensor h = model->hidden(ids), loss = next_token_loss(model, h, ids, targets);
  EXPECT_LT(max_difference(loss, softcapped_mean_nll(model->raw_logits(h), 30.0, targets)), 1e-6);
  EXPECT_GT(max_difference(loss, mean_nll(model->logits(h, ids), targets)), 1e-4);
  loss.backward();
  EXPECT_FALSE(model->named_parameters()["softcap_pos"].grad().defined());
}

}  // namespace
}  // namespace golf::test
