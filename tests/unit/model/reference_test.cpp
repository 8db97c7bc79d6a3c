// Agreement with the upstream program in float32 on one thread: loss, every gradient norm, logits.
#include <cmath>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"
#include "support/reference_data.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

constexpr double kRelative = 1e-5;

TensorSet read_reference(const std::string& name) {
  const std::string path = reference_data() + "/reference/" + name;
  return parse_safetensors(read_file(path), path);
}

double number(const Json& text) { return std::stod(text.as_string()); }

class Reference : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    GOLF_NEED_REFERENCE_DATA();
    load_tensors(model_, read_reference(std::string(GetParam()) + ".safetensors"));
    forward_ = read_reference("forward.safetensors");
    x_ = to_torch(forward_.at("x"));
    y_ = to_torch(forward_.at("y"));
  }
  torch::Tensor expected(const std::string& what) { return to_torch(forward_.at(what)); }

  OneThread one_thread_;
  Decoder model_{find_model_preset("baseline-tiny")->model};
  TensorSet forward_;
  torch::Tensor x_, y_;
};

TEST_P(Reference, LogitsAndLossesAgree) {
  const at::NoGradGuard no_grad;
  const torch::Tensor logits = model_->logits(model_->hidden(x_), x_);
  const std::string weights = GetParam();
  const torch::Tensor first = logits[0].narrow(0, 0, 4), last = logits[3].narrow(0, 254, 2);
  EXPECT_LT(max_difference(first, expected("logits_" + weights + "_first4")), 2e-5);
  EXPECT_LT(max_difference(last, expected("logits_" + weights + "_last2")), 2e-5);
  EXPECT_LT(max_difference(token_nll(logits, y_), expected("nll_" + weights)), 2e-5);
}

TEST_P(Reference, LossAndGradientNormsAgree) {
  const Json grad = read_json_file(reference_data() + "/reference/grad.json").at(GetParam());
  const torch::Tensor loss = next_token_loss(model_, model_->hidden(x_), x_, y_);
  loss.backward();
  const double expected_loss = number(grad.at("loss_train_mode"));
  EXPECT_NEAR(loss.item<double>(), expected_loss, kRelative * expected_loss);

  const double expected_global = number(grad.at("global_grad_norm"));
  double sum_of_squares = 0, worst = std::abs(loss.item<double>() / expected_loss - 1);
  for (const auto& parameter : model_->named_parameters()) {
    const double norm = parameter.value().grad().to(torch::kDouble).norm().item<double>();
    const double expected_norm = number(grad.at("grad_norm").at(parameter.key()));
    EXPECT_NEAR(norm, expected_norm, norm_tolerance(expected_norm, expected_global)) << parameter.key();
    if (expected_norm > 0) worst = std::max(worst, std::abs(norm / expected_norm - 1));
    sum_of_squares += norm * norm;
  }
  EXPECT_NEAR(std::sqrt(sum_of_squares), expected_global, kRelative * expected_global);
  RecordProperty("worst_relative_difference", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(Weights, Reference, testing::Values("init", "final"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace golf::test
