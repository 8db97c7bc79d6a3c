// Agreement of the five submissions' models with their own programs, in float32 on one thread: loss and every
// gradient norm at the initial and the final weights, with and without fake quantization, and logits.
#include <cmath>
#include <functional>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "model/features/formulas.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

constexpr double kRelative = 1e-5;

double number(const Json& value) {
  return value.is_string() ? std::stod(value.as_string()) : value.as_double();
}

/// The submissions' fake quantization: w + stop_gradient(round(w / s) · s − w), s = max(max |row|, 1) / 31,
/// codes from `low` to 31. Source: docs/SUBMISSIONS.md, PRs 192 and 262, Training.
torch::Tensor fake_int6(const torch::Tensor& w, double low) {
  const torch::Tensor scale = at::clamp_min(w.detach().abs().amax({1}, /*keepdim=*/true) / 31.0, 1.0 / 31.0);
  const torch::Tensor rounded = at::clamp(at::round(w.detach() / scale), low, 31.0) * scale;
  return w + (rounded - w.detach());
}

WeightHook fake_int6_hook(double low, std::function<bool(const std::string&)> applies) {
  return [low, applies](const std::string& name, const torch::Tensor& weight) {
    return applies(name) ? fake_int6(weight, low) : weight;
  };
}

struct Case {
  const char* system;
  const char* weights;  ///< file stem
  const char* grad_file = "grad.json";
  const char* section = "";  ///< of grad_file; empty: its root
  bool fake_quantized = false;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.system) + "_" + info.param.weights +
         (info.param.fake_quantized ? "_fake_int6" : "");
}

void PrintTo(const Case& test, std::ostream* out) { *out << test.system << " " << test.weights; }

class EntryReference : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    GOLF_NEED_REFERENCE_DATA();
    const Case& test = GetParam();
    ModelConfig config = find_model_preset(std::string(test.system) + "-tiny")->model;
    if (std::string(test.weights).starts_with("alt") && std::string(test.system) == "pr192") {
      config.features.set("bigram_hash", {{"site", "every_layer"}, {"buckets", 512}, {"dim", 128}});
    }
    model_ = Decoder(config);
    tensors_ = split_banks(reference_tensors(path(std::string(test.weights) + ".safetensors")));
    load_tensors(model_, without_train_only(tensors_));
    const std::string shard = reference_data() + "/fineweb/fineweb_train_000000.bin";
    const std::vector<uint16_t> tokens = read_token_shard(shard, config.vocab_size);
    tokens_ = at::tensor(std::vector<int64_t>(tokens.begin(), tokens.begin() + 2049));
    x_ = tokens_.narrow(0, 0, 1024).view({4, 256});
    y_ = tokens_.narrow(0, 1, 1024).view({4, 256});
    if (test.fake_quantized) model_->set_weight_hook(hook(test.system));
  }

  static std::string path(const std::string& file) { return std::string(GetParam().system) + "/" + file; }

  static WeightHook hook(const std::string& system) {
    if (system == "pr192") {
      return fake_int6_hook(-31, [](const std::string& name) { return name.starts_with("blocks."); });
    }
    if (system == "pr262") {
      return fake_int6_hook(-32, [](const std::string& name) {
        return name.starts_with("blocks.") || name == "bigram.proj.weight";
      });
    }
    return fake_int6_hook(-32, [](const std::string& name) {
      return name == "bigram.proj.weight" || name == "ve_shared.proj.weight";
    });
  }

  Json grad() const {
    const Json json = read_json_file(reference_data() + "/" + path(GetParam().grad_file));
    return *GetParam().section == '\0' ? json : json.at(GetParam().section);
  }

  /// PR 88's training loss has a head that predicts the token after the next; it is no part of the model.
  torch::Tensor add_mtp_loss(const torch::Tensor& loss, const torch::Tensor& h_BTD) {
    const Tensor* weight = tensors_.find("mtp_heads.0.weight");
    if (weight == nullptr) return loss;
    mtp_head_ = to_torch(*weight).set_requires_grad(true);
    const torch::Tensor scores = at::linear(h_BTD.narrow(1, 0, 255), mtp_head_);
    return loss + 0.01 * softcapped_mean_nll(scores, 30.0, y_.narrow(1, 1, 255));
  }

  /// Norm of the gradient that the fixture calls `name`: a parameter, a bank of them, or the MTP head.
  double gradient_norm(const std::string& name) {
    if (name.starts_with("mtp_heads.")) return norm(mtp_head_);
    const auto parameters = model_->named_parameters();
    if (const torch::Tensor* found = parameters.find(name)) return norm(*found);
    const auto bank = [&](std::vector<std::string> members) {
      double squares = 0;
      for (int64_t layer = 0; layer < model_->config().num_layers; ++layer) {
        for (const std::string& member : members) {
          const std::string parameter = "blocks." + std::to_string(layer) + "." + member + ".weight";
          squares += std::pow(norm(parameters[parameter]), 2);
        }
      }
      return std::sqrt(squares);
    };
    if (name == "qo_bank") return bank({"attn.c_q", "attn.proj"});
    if (name == "kv_bank") return bank({"attn.c_k", "attn.c_v"});
    if (name == "mlp_up_bank") return bank({"mlp.fc"});
    if (name == "mlp_down_bank") return bank({"mlp.proj"});
    ADD_FAILURE() << "no parameter " << name;
    return 0;
  }
  static double norm(const torch::Tensor& parameter) {
    return parameter.grad().defined() ? parameter.grad().to(torch::kDouble).norm().item<double>() : 0;
  }

  OneThread one_thread_;
  Decoder model_{nullptr};
  TensorSet tensors_;
  torch::Tensor tokens_, x_, y_, mtp_head_;
};

TEST_P(EntryReference, LossAndGradientNormsAgree) {
  const Json expected = grad();
  const bool texts = expected.find("loss_train_mode") != nullptr;  // the fixtures of PRs 88 and 1046
  const torch::Tensor h = model_->hidden(x_);
  const torch::Tensor eval_loss = next_token_loss(model_, h, x_, y_);
  const torch::Tensor loss = add_mtp_loss(eval_loss, h);
  loss.backward();
  const double expected_loss = number(expected.at(texts ? "loss_train_mode" : "loss"));
  double worst = std::abs(loss.item<double>() / expected_loss - 1);
  EXPECT_LT(worst, kRelative);
  if (texts) {
    const double expected_eval = number(expected.at("loss_eval_mode"));
    EXPECT_NEAR(eval_loss.item<double>(), expected_eval, kRelative * expected_eval);
  }
  const Json* norms = expected.find(texts ? "grad_norm" : "param_grad_norms");
  if (norms == nullptr || !norms->is_object()) {  // PR 993 with late QAT lists a few
    EXPECT_NEAR(gradient_norm("bigram.proj.weight"), number(expected.at("bigram_proj_grad_norm")), 1e-6);
    EXPECT_NEAR(gradient_norm("ve_shared.proj.weight"), number(expected.at("ve_proj_grad_norm")), 1e-6);
    return;
  }
  const Json* global = expected.find("global_grad_norm");
  const double expected_global = number(global != nullptr ? *global : expected.at("grad_norm"));
  for (const auto& [name, value] : norms->as_object()) {
    const double found = gradient_norm(name), wanted = number(value);
    EXPECT_NEAR(found, wanted, norm_tolerance(wanted, expected_global)) << name;
    if (wanted > 1e-3 * expected_global) worst = std::max(worst, std::abs(found / wanted - 1));
  }
  RecordProperty("worst_relative_difference", std::to_string(worst));
}

using EntryLogits = EntryReference;

TEST_P(EntryLogits, Agree) {
  const at::NoGradGuard no_grad;
  const Case& test = GetParam();
  const std::string system = test.system, weights = test.weights;
  const auto logits_of = [&](const torch::Tensor& ids) { return model_->logits(model_->hidden(ids), ids); };
  const torch::Tensor logits = logits_of(x_), nll = token_nll(logits, y_);
  if (system == "pr88" || system == "pr1046") {
    const TensorSet forward = reference_tensors(path("forward.safetensors"));
    const auto expected = [&](const std::string& name) { return to_torch(forward.at(name + weights)); };
    EXPECT_LT(max_difference(nll, expected("nll_")), 2e-5);
    const torch::Tensor first = to_torch(forward.at("logits_" + weights + "_first4"));
    EXPECT_LT(max_difference(logits[0].narrow(0, 0, 4), first), 2e-5);
  } else if (system == "pr993") {
    const Json json = grad();
    const auto& rows = json.at("nll_row_sums").as_array();
    for (size_t row = 0; row < rows.size(); ++row) {
      const double sum = nll[static_cast<int64_t>(row)].to(torch::kDouble).sum().item<double>();
      EXPECT_NEAR(sum, number(rows[row]), 1e-6 * sum);
    }
    const torch::Tensor longer = tokens_.narrow(0, 0, 2048).view({1, 2048});
    const torch::Tensor targets = tokens_.narrow(0, 1, 2048).view({1, 2048});
    const torch::Tensor long_nll = token_nll(logits_of(longer), targets).to(torch::kDouble);
    const Json& context = json.at("long_context_2048");
    const double late = long_nll.narrow(1, 1024, 1024).sum().item<double>();
    EXPECT_NEAR(late, number(context.at("nll_last_1024")), 1e-6 * late);
  } else {
    const TensorSet probe = reference_tensors(path("probe.safetensors"));
    const torch::Tensor first = logits_of(x_.view({16, 64}).narrow(0, 0, 1))[0];
    EXPECT_LT(max_difference(first, to_torch(probe.at("logits_final_eval"))), 2e-5);
    const torch::Tensor ids = to_torch(probe.at("input_ids_2048")).to(torch::kLong).view({1, 2048});
    const torch::Tensor last = logits_of(ids)[0].narrow(0, 2040, 8);
    EXPECT_LT(max_difference(last, to_torch(probe.at("logits_last8_of_2048"))), 5e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Entries, EntryReference,
                         testing::Values(Case{"pr88", "init", "grad.json", "init"},
                                         Case{"pr88", "final", "grad.json", "final"},
                                         Case{"pr1046", "init", "grad.json", "init"},
                                         Case{"pr1046", "final", "grad.json", "final"},
                                         Case{"pr192", "init", "grad.json", "init_qat_off"},
                                         Case{"pr192", "final", "grad.json", "final_qat_off"},
                                         Case{"pr192", "init", "grad.json", "init_qat_on", true},
                                         Case{"pr192", "final", "grad.json", "final_qat_on", true},
                                         Case{"pr192", "alt_init", "grad.json", "alt_init_qat_off"},
                                         Case{"pr192", "alt_final", "grad.json", "alt_final_qat_off"},
                                         Case{"pr192", "alt_final", "grad.json", "alt_final_qat_on", true},
                                         Case{"pr262", "init", "grad.json", "init_qat_off"},
                                         Case{"pr262", "final", "grad.json", "final_qat_off"},
                                         Case{"pr262", "init", "grad.json", "init_qat_on", true},
                                         Case{"pr262", "final", "grad.json", "final_qat_on", true},
                                         Case{"pr993", "init"}, Case{"pr993", "final", "grad_final.json"},
                                         Case{"pr993", "final", "grad_final.json", "with_late_qat", true}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Entries, EntryLogits,
                         testing::Values(Case{"pr88", "init"}, Case{"pr88", "final"}, Case{"pr1046", "init"},
                                         Case{"pr1046", "final"}, Case{"pr192", "final"},
                                         Case{"pr262", "final"}, Case{"pr993", "init"},
                                         Case{"pr993", "final", "grad_final.json"}),
                         name_of);

TEST(BigramHashReference, SlotsAgree) {
  GOLF_NEED_REFERENCE_DATA();
  const Json json = read_json_file(reference_data() + "/pr192-pr262/unit.json").at("bigram_hash");
  const auto row = [](const Json& list) {
    std::vector<int64_t> values;
    for (const Json& value : list.as_array()) values.push_back(value.as_int());
    return at::tensor(values).unsqueeze(0);
  };
  for (const char* buckets : {"512", "2048", "4096"}) {
    const torch::Tensor slots = bigram_slots(row(json.at("tokens_first64")), std::stoll(buckets));
    EXPECT_TRUE(at::equal(slots.to(torch::kLong), row(json.at(buckets).at("first64")))) << buckets;
  }
}

}  // namespace
}  // namespace golf::test
