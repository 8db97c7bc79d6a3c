// Agreement of the records of April with their own programs, in float32 on one thread: loss, every gradient
// norm, the loss of every token and the stream after every call, with depth recurrence off and on.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "model/feature.h"
#include "model/features/formulas.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

/// What the stream is before every call: a feature without parameters that looks and changes nothing.
std::vector<torch::Tensor>& streams() {
  static std::vector<torch::Tensor> seen;
  return seen;
}

class StreamTrace : public Feature {
 public:
  using Feature::Feature;
  torch::Tensor before_call(const LayerCall&, const torch::Tensor& x_BTD, const Pass&) const override {
    streams().push_back(x_BTD.detach());
    return x_BTD;
  }
};

const bool kTraceIsDeclared = [] {
  declare_feature({.name = "stream_trace", .order = 1000, .summary = "keeps the stream before every call"});
  add_feature_arithmetic("stream_trace", make_feature<StreamTrace>);
  return true;
}();

torch::Tensor shard_tokens(const std::string& name, int64_t vocabulary, int64_t first, int64_t count) {
  const std::vector<uint16_t> tokens = read_token_shard(reference_data() + "/" + name, vocabulary);
  const auto begin = tokens.begin() + first;
  return at::tensor(std::vector<int64_t>(begin, begin + count));
}

Decoder loaded_model(const std::string& system, const std::string& preset, const std::string& weights) {
  Decoder model(find_model_preset(preset)->model);
  load_tensors(model, split_banks(reference_tensors(system + "/" + weights + ".safetensors")));
  return model;
}

double gradient_norm(const Decoder& model, const std::string& name) {
  const auto norm = [](const torch::Tensor& parameter) {
    return parameter.grad().defined() ? parameter.grad().to(torch::kDouble).norm().item<double>() : 0.0;
  };
  const auto parameters = model->named_parameters();
  if (const torch::Tensor* found = parameters.find(name)) return norm(*found);
  TensorSet one;  // a bank: the norm over its members
  double squares = 0;
  const std::vector<std::string> banks = {"qo_bank", "kv_bank", "mlp_up_bank", "mlp_down_bank"};
  const auto bank = std::find(banks.begin(), banks.end(), name) - banks.begin();
  EXPECT_LT(bank, 4) << "no parameter " << name;
  for (const auto& item : parameters) {
    const auto place = bank_place(item.key());
    if (place && place->bank == bank) squares += std::pow(norm(item.value()), 2);
  }
  return std::sqrt(squares);
}

/// Expects the norms of every gradient; a null is a parameter without a gradient.
double expect_gradient_norms(const Decoder& model, const Json& expected, double relative) {
  const double whole = expected.at("grad_norm").as_double();
  double worst = 0;
  for (const auto& [name, value] : expected.at("param_grad_norms").as_object()) {
    const double wanted = value.is_null() ? 0 : value.as_double(), found = gradient_norm(model, name);
    EXPECT_NEAR(found, wanted, std::max(relative * wanted, 1e-8 * whole)) << name;
    if (wanted > 1e-3 * whole) worst = std::max(worst, std::abs(found / wanted - 1));
  }
  return worst;
}

std::vector<double> numbers(const Json& array) {
  std::vector<double> values;
  for (const Json& value : array.as_array()) values.push_back(value.as_double());
  return values;
}

double worst_difference(const torch::Tensor& found, const std::vector<double>& expected) {
  EXPECT_EQ(found.numel(), static_cast<int64_t>(expected.size()));
  return max_difference(found.flatten(), at::tensor(expected, torch::kDouble));
}

void record(const char* name, double value) {
  testing::Test::RecordProperty(name, std::to_string(value * 1e9) + "e-9");
}

struct AprilCase {
  const char* system;
  const char* weights;
  const char* file;
};

void PrintTo(const AprilCase& test, std::ostream* out) { *out << test.system << " " << test.weights; }

class AprilReference : public testing::TestWithParam<AprilCase> {
 protected:
  void SetUp() override { GOLF_NEED_REFERENCE_DATA(); }
  OneThread one_thread_;
};

// data/pr1394, data/pr1493: grad.json, grad_final.json
TEST_P(AprilReference, LossGradientNormsAndLogitsAgree) {
  const auto& [system, weights, file] = GetParam();
  const Json json = read_json_file(reference_data() + "/" + system + "/" + file);
  const torch::Tensor tokens = shard_tokens("fineweb8192/fineweb_train_000000.bin", 8192, 0, 1025);
  const torch::Tensor x = tokens.narrow(0, 0, 1024).view({4, 256}),
                      y = tokens.narrow(0, 1, 1024).view({4, 256});
  for (const bool looping : {false, true}) {
    Decoder model = loaded_model(system, std::string(system) + "-tiny", weights);
    model->set_recurrence(looping);
    const Json& expected = json.at(looping ? "looping_on" : "looping_off");
    const torch::Tensor h = model->hidden(x), loss = next_token_loss(model, h, x, y);
    loss.backward();
    const double expected_loss = expected.at("loss").as_double();
    EXPECT_NEAR(loss.item<double>(), expected_loss, 1e-6 * expected_loss) << looping;
    record("worst_gradient", expect_gradient_norms(model, expected, 5e-5));

    const torch::Tensor logits = model->logits(h, x).detach(), nll = token_nll(logits, y);
    const std::vector<double> sums = numbers(expected.at("nll_row_sums"));
    for (int64_t row = 0; row < 4; ++row) {
      const double sum = nll[row].to(torch::kDouble).sum().item<double>();
      EXPECT_NEAR(sum, sums[static_cast<size_t>(row)], 1e-6 * sum);
    }
    const auto& positions = expected.at("logits_probe_positions").as_array();
    for (size_t i = 0; i < positions.size(); ++i) {
      const std::vector<double> place = numbers(positions[i]);
      const torch::Tensor probe = logits[static_cast<int64_t>(place[0])][static_cast<int64_t>(place[1])];
      EXPECT_LT(
          worst_difference(probe.narrow(0, 0, 8), numbers(expected.at("logits_probe_first8").as_array()[i])),
          2e-5);
    }
  }
}

// The same files: sequences beyond the training length stretch the rotary base.
TEST_P(AprilReference, LongSequencesStretchTheRotaryBase) {
  const auto& [system, weights, file] = GetParam();
  const Json expected = read_json_file(reference_data() + "/" + system + "/" + file).at("long_context_512");
  const torch::Tensor tokens = shard_tokens("fineweb8192/fineweb_train_000000.bin", 8192, 0, 1025);
  const torch::Tensor x = tokens.narrow(0, 0, 1024).view({2, 512}),
                      y = tokens.narrow(0, 1, 1024).view({2, 512});
  Decoder model = loaded_model(system, std::string(system) + "-tiny", weights);
  const at::NoGradGuard no_grad;
  const torch::Tensor nll = token_nll(model->logits(model->hidden(x), x), y).to(torch::kDouble);
  const double sum = expected.at("nll_sum").as_double();
  EXPECT_NEAR(nll.sum().item<double>(), sum, 1e-6 * sum);
  EXPECT_NEAR(nll.narrow(1, 256, 256).sum().item<double>(), expected.at("nll_last_256_of_rows").as_double(),
              1e-6 * sum);
}

INSTANTIATE_TEST_SUITE_P(Records, AprilReference,
                         testing::Values(AprilCase{"pr1394", "init", "grad.json"},
                                         AprilCase{"pr1394", "final", "grad_final.json"},
                                         AprilCase{"pr1493", "init", "grad.json"},
                                         AprilCase{"pr1493", "final", "grad_final.json"}),
                         [](const auto& info) {
                           return std::string(info.param.system) + "_" + info.param.weights;
                         });

// data/pr1394, data/pr1493: forward_trace.json
TEST(RecordTrace, TheStreamAfterEveryCallAgrees) {
  GOLF_NEED_REFERENCE_DATA();
  ASSERT_TRUE(kTraceIsDeclared);
  const OneThread one_thread;
  const at::NoGradGuard no_grad;
  const torch::Tensor x = shard_tokens("fineweb8192/fineweb_train_000000.bin", 8192, 0, 512).view({2, 256});
  for (const std::string system : {"pr1394", "pr1493"}) {
    const Json json = read_json_file(reference_data() + "/" + system + "/forward_trace.json");
    ModelConfig config = find_model_preset(system + "-tiny")->model;
    config.features.set("stream_trace");
    Decoder model(config);
    load_tensors(model, reference_tensors(system + "/final.safetensors"));
    for (const bool looping : {false, true}) {
      const Json& expected = json.at(looping ? "looping_on" : "looping_off");
      const auto& visits = expected.at("visits").as_array();
      model->set_recurrence(looping);
      streams().clear();
      const torch::Tensor logits = model->logits(model->hidden(x), x);
      ASSERT_EQ(streams().size(), visits.size()) << system;
      for (size_t i = 0; i < visits.size(); ++i) {
        const LayerCall& call = model->plan().calls[i];
        EXPECT_EQ(call.block, visits[i].at("block").as_int());
        EXPECT_EQ(call.layout == LaneLayout::kParallel, visits[i].at("parallel").as_bool());
        if (i + 1 == visits.size()) continue;
        const torch::Tensor& after = streams()[i + 1];
        const double norm = visits[i].at("output_norm").as_double();
        EXPECT_NEAR(after.to(torch::kDouble).norm().item<double>(), norm, 1e-6 * norm) << system << " " << i;
        EXPECT_LT(worst_difference(after[1][17].narrow(0, 0, 4), numbers(visits[i].at("output_probe"))),
                  1e-5);
      }
      const double norm = expected.at("logits_norm").as_double();
      EXPECT_NEAR(logits.to(torch::kDouble).norm().item<double>(), norm, 1e-6 * norm);
    }
  }
}

/// Bounds of documents as PR 1855's program makes them: at each BOS, at most `longest` tokens.
std::vector<int64_t> document_bounds(const torch::Tensor& ids, int64_t longest) {
  std::vector<int64_t> bounds = {0};
  for (int64_t i = 1; i < ids.numel(); ++i) {
    if (ids[i].item<int64_t>() == 1 || i - bounds.back() == longest) bounds.push_back(i);
  }
  bounds.push_back(ids.numel());
  return bounds;
}

// data/pr1855: grad.json
TEST(Pr1855Reference, LossGradientNormsAndTokenLossesAgree) {
  GOLF_NEED_REFERENCE_DATA();
  const OneThread one_thread;
  const Json json = read_json_file(reference_data() + "/pr1855/grad.json");
  const torch::Tensor tokens = shard_tokens("fineweb_caseops/fineweb_train_000000.bin", 8192, 0, 385);
  const torch::Tensor x = tokens.narrow(0, 0, 384).unsqueeze(0), y = tokens.narrow(0, 1, 384).unsqueeze(0);
  const std::vector<int64_t> bounds = document_bounds(x[0], 256);
  EXPECT_EQ(bounds, (std::vector<int64_t>{0, 256, 384}));
  for (const char* weights : {"init", "final"}) {
    for (const Json& expected : json.at(weights).as_array()) {
      Decoder model = loaded_model("pr1855", "pr1855-tiny", weights);
      model->set_recurrence(expected.at("looping").as_bool());
      const torch::Tensor h = model->hidden(x, bounds), loss = next_token_loss(model, h, x, y);
      loss.backward();
      EXPECT_NEAR(loss.item<double>(), expected.at("loss").as_double(), 1e-6) << weights;
      record("worst_gradient", expect_gradient_norms(model, expected, 1e-4));
      const at::NoGradGuard no_grad;
      const double within =
          worst_difference(token_nll(model->logits(h, x), y), numbers(expected.at("per_token_loss")));
      EXPECT_LT(within, 1e-5) << weights;
      const double across = worst_difference(token_nll(model->logits(model->hidden(x), x), y),
                                             numbers(expected.at("per_token_loss_without_document_masks")));
      EXPECT_LT(across, 1e-5) << weights;
      record("worst_token", std::max(within, across));
    }
  }
}

// data/pr2135: smear_switch.json
TEST(Pr2135Reference, TheSmearSwitchMovesWhatFollowsTheFirstTokenOfADocument) {
  GOLF_NEED_REFERENCE_DATA();
  const OneThread one_thread;
  const at::NoGradGuard no_grad;
  const Json json = read_json_file(reference_data() + "/pr2135/smear_switch.json");
  const torch::Tensor tokens = shard_tokens("fineweb_caseops/fineweb_val_000000.bin", 8192, 4000, 641);
  const torch::Tensor x = tokens.narrow(0, 0, 640).unsqueeze(0), y = tokens.narrow(0, 1, 640).unsqueeze(0);
  const std::vector<int64_t> bounds = document_bounds(x[0], 256);
  std::vector<int64_t> expected_bounds;
  for (const Json& bound : json.at("cu_seqlens").as_array()) expected_bounds.push_back(bound.as_int());
  EXPECT_EQ(bounds, expected_bounds);
  for (const bool stops : {false, true}) {
    ModelConfig config = find_model_preset("pr2135-tiny")->model;
    if (stops) config.features.set("smear_gate", {{"variant", "per_token"}, {"window", 12}, {"bos_id", 1}});
    Decoder model(config);
    load_tensors(model, split_banks(reference_tensors("pr2135/final.safetensors")));
    const Json& expected = json.at(stops ? "switch_1" : "switch_0");
    const double worst = worst_difference(token_nll(model->logits(model->hidden(x, bounds), x), y),
                                          numbers(expected.at("per_token_loss")));
    EXPECT_LT(worst, 1e-5) << stops;
    record("worst_token", worst);
  }
}

// data/pr2135: asym_logit.json
TEST(Pr2135Reference, AsymLogitAgreesInValueAndGradient) {
  GOLF_NEED_REFERENCE_DATA();
  const Json json = read_json_file(reference_data() + "/pr2135/asym_logit.json");
  for (const Json& row : json.at("elementwise_2135").as_array()) {
    const auto scalar = [&](const char* key) {
      return at::full({}, row.at(key).as_double(), torch::kFloat).set_requires_grad(true);
    };
    const torch::Tensor pos = scalar("softcap_pos"), neg = scalar("softcap_neg");
    const torch::Tensor z =
        at::tensor(numbers(row.at("z")), torch::kDouble).to(torch::kFloat).set_requires_grad(true);
    const torch::Tensor value = asymmetric_softcap(z, pos, neg);
    EXPECT_LT(worst_difference(value.detach(), numbers(row.at("value"))), 4e-6);
    value.sum().backward();
    EXPECT_LT(worst_difference(z.grad(), numbers(row.at("dvalue_dz"))), 1e-6);
    double expected_pos = 0, expected_neg = 0;
    for (const Json& pair : row.at("dvalue_dpos_dneg").as_array()) {
      expected_pos += pair.as_array()[0].as_double();
      expected_neg += pair.as_array()[1].as_double();
    }
    EXPECT_NEAR(pos.grad().item<double>(), expected_pos, 1e-5);
    EXPECT_NEAR(neg.grad().item<double>(), expected_neg, 1e-5);
  }
}

}  // namespace
}  // namespace golf::test
