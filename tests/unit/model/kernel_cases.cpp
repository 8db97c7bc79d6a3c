#include "unit/model/kernel_cases.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "golf/model/loss.h"
#include "model/ops.h"
#include "model/ops/cuda_path.h"
#include "model/ops/paths.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

using Tensors = std::vector<torch::Tensor>;
using Formula = std::function<Tensors(const Tensors&)>;

constexpr auto kFloat = torch::kFloat, kBf16 = torch::kBFloat16;

/// Within 1e-5 of the largest value, and for bf16 half a unit in the last of its 8 bits besides.
void expect_near(const torch::Tensor& found, const torch::Tensor& expected, const std::string& what) {
  const torch::Tensor magnitude = expected.abs();
  torch::Tensor allowed = at::full_like(expected, 1e-5 * (1 + magnitude.max().item<double>()));
  if (found.scalar_type() == kBf16) allowed += magnitude / 256;
  const torch::Tensor excess = (found.cpu().to(torch::kDouble) - expected).abs() - allowed;
  EXPECT_LE(excess.max().item<double>(), 0) << what << ", largest value " << magnitude.max().item<double>();
}

/// Runs `op` on the inputs as they are, on the device, and `formula` on the same values in float64, pushes
/// the same random gradient into each output and compares outputs and input gradients.
void expect_formula(torch::Device device, const Tensors& inputs, const Formula& op, const Formula& formula) {
  Tensors narrow, wide, narrow_gradients, wide_gradients;
  for (const torch::Tensor& input : inputs) {
    narrow.push_back(
        input.detach().to(device, input.scalar_type(), false, /*copy=*/true).set_requires_grad(true));
    wide.push_back(input.detach().to(torch::kDouble).set_requires_grad(true));
  }
  const Tensors found = op(narrow), expected = formula(wide);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    expect_near(found[i], expected[i], "output " + std::to_string(i));
    const torch::Tensor gradient = at::randn(expected[i].sizes()).to(found[i].scalar_type());
    narrow_gradients.push_back(gradient.to(device));
    wide_gradients.push_back(gradient.to(torch::kDouble));
  }
  torch::autograd::backward(found, narrow_gradients);
  torch::autograd::backward(expected, wide_gradients);
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_TRUE(narrow[i].grad().defined()) << "input " << i;
    EXPECT_EQ(narrow[i].grad().sizes(), inputs[i].sizes());
    expect_near(narrow[i].grad(), wide[i].grad(), "gradient of input " + std::to_string(i));
  }
}

}  // namespace

void check_mix_norm(torch::Device device) {
  torch::manual_seed(3);
  struct Case {
    int64_t rows, width;
    at::ScalarType y_dtype, norm_dtype;
  };
  const Case cases[] = {{1, 3, kFloat, kFloat},  {31, 33, kBf16, kFloat},  {33, 128, kBf16, kBf16},
                        {9, 132, kFloat, kBf16}, {33, 512, kBf16, kBf16},  {7, 500, kFloat, kFloat},
                        {5, 1024, kBf16, kBf16}, {3, 1001, kBf16, kFloat}, {4225, 20, kBf16, kFloat}};
  for (const auto& [rows, width, y_dtype, norm_dtype] : cases) {
    SCOPED_TRACE(testing::Message() << rows << " rows of " << width << ", y " << y_dtype << ", norm "
                                    << norm_dtype);
    const torch::Tensor x = at::randn({1, rows, width}), y = at::randn({1, rows, width}).to(y_dtype);
    const auto dtype = norm_dtype;
    const auto op = [&](const Tensors& in) {
      const StreamAndNorm out = cuda::weighted_sum_and_norm(in[0], in[1], in[2], 0.3, dtype);
      EXPECT_EQ(out.stream_BTD.scalar_type(), kFloat);
      EXPECT_EQ(out.normed_BTD.scalar_type(), dtype);
      return Tensors{out.stream_BTD, out.normed_BTD};
    };
    const auto formula = [&](const Tensors& in) {
      const torch::Tensor stream = plain::weighted_sum(in[0], in[1], in[2]);
      return Tensors{stream, plain::rms_norm(stream, 0.3)};
    };
    expect_formula(device, {at::randn({2, width}), x, y}, op, formula);
    expect_formula(device, {at::randn({width}), x, y}, op, formula);
    const auto sum = [](const Tensors& in) { return Tensors{cuda::weighted_sum(in[0], in[1], in[2])}; };
    const auto sum_formula = [](const Tensors& in) {
      return Tensors{plain::weighted_sum(in[0], in[1], in[2])};
    };
    expect_formula(device, {at::randn({2, width}), x, y}, sum, sum_formula);
    expect_formula(device, {at::randn({width}), x, y}, sum, sum_formula);
    expect_formula(
        device, {x}, [&](const Tensors& in) { return Tensors{cuda::rms_norm(in[0], 0.7, dtype)}; },
        [](const Tensors& in) { return Tensors{plain::rms_norm(in[0], 0.7)}; });
  }
}

void check_write_lanes(torch::Device device) {
  torch::manual_seed(8);
  struct Case {
    int64_t rows, width;
    at::ScalarType y_dtype;
  };
  for (const auto& [rows, width, y_dtype] : {Case{1, 3, kFloat}, Case{31, 33, kBf16}, Case{33, 512, kBf16},
                                             Case{5, 1000, kFloat}, Case{4225, 20, kBf16}}) {
    SCOPED_TRACE(testing::Message() << rows << " rows of " << width << ", " << y_dtype);
    const auto rows_of = [&, rows = rows, width = width] { return at::randn({1, rows, width}); };
    const Tensors inputs = {rows_of(),
                            rows_of(),
                            rows_of().to(y_dtype),
                            at::randn({width}),
                            rows_of().to(y_dtype),
                            at::randn({width}),
                            at::randn({2, 2}),
                            at::randn({2})};
    expect_formula(
        device, inputs,
        [](const Tensors& in) {
          const LanePair lanes = cuda::write_lanes({in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7]});
          return Tensors{lanes.lane0_BTD, lanes.lane1_BTD};
        },
        [](const Tensors& in) {
          Tensors lanes;
          for (int64_t i = 0; i < 2; ++i) {
            lanes.push_back(in[7][i] * in[i] + in[6][0][i] * in[3] * in[2] + in[6][1][i] * in[5] * in[4]);
          }
          return lanes;
        });
  }
}

void check_leaky_relu_squared(torch::Device device) {
  torch::manual_seed(4);
  for (const auto dtype : {kFloat, kBf16}) {
    for (const int64_t count : {1, 31, 33, 1025, 70'003}) {
      for (const double slope : {0.0, 0.5}) {
        expect_formula(
            device, {at::randn({count}).to(dtype)},
            [&](const Tensors& in) { return Tensors{cuda::leaky_relu_squared(in[0], slope)}; },
            [&](const Tensors& in) { return Tensors{plain::leaky_relu_squared(in[0], slope)}; });
      }
    }
  }
}

void check_qk_norm_rotary(torch::Device device) {
  torch::manual_seed(5);
  struct Case {
    int64_t rows, length, heads, head_dim, turning;
  };
  const Case cases[] = {{1, 1, 1, 2, 2},    {2, 31, 3, 6, 2},   {1, 33, 5, 32, 32},  {3, 33, 7, 64, 16},
                        {1, 40, 8, 64, 64}, {2, 17, 3, 80, 34}, {1, 31, 4, 128, 128}};
  for (const auto& [rows, length, heads, head_dim, turning] : cases) {
    for (const auto dtype : {kFloat, kBf16}) {
      SCOPED_TRACE(testing::Message()
                   << heads << " heads of " << head_dim << ", " << turning << " turn, " << dtype);
      RotaryTable table({.dims = turning, .base = 10000.0});
      const RotaryAngles angles = table.angles(length, device), on_cpu = table.angles(length, torch::kCPU);
      const RotaryAngles wide{on_cpu.cos_TR.to(torch::kDouble), on_cpu.sin_TR.to(torch::kDouble)};
      const torch::Tensor x = (at::randn({rows, length, heads, head_dim}) * 2).to(dtype);
      expect_formula(
          device, {x}, [&](const Tensors& in) { return Tensors{cuda::qk_norm_rotary(in[0], angles, {})}; },
          [&](const Tensors& in) { return Tensors{plain::qk_norm_rotary(in[0], wide, {})}; });
      expect_formula(
          device, {x, at::randn({heads})},
          [&](const Tensors& in) { return Tensors{cuda::qk_norm_rotary(in[0], angles, in[1])}; },
          [&](const Tensors& in) { return Tensors{plain::qk_norm_rotary(in[0], wide, in[1])}; });
    }
  }
}

void check_finish_heads(torch::Device device) {
  torch::manual_seed(6);
  struct Case {
    int64_t length, heads, kv_heads, head_dim;
  };
  const Case cases[] = {{1, 1, 1, 2},   {31, 6, 3, 6}, {33, 5, 1, 33},
                        {35, 8, 4, 64}, {9, 3, 3, 80}, {7, 12, 2, 128}};
  for (const auto& [length, heads, kv_heads, head_dim] : cases) {
    for (const auto dtype : {kFloat, kBf16}) {
      SCOPED_TRACE(testing::Message()
                   << heads << " heads of " << head_dim << ", " << kv_heads << " values, " << dtype);
      const torch::Tensor y = at::randn({2, length, heads, head_dim}).to(dtype),
                          v = (at::randn({2, length, kv_heads, head_dim}) + 0.5).to(dtype),
                          gate = at::rand({2, length, heads});
      const auto gated = [](const torch::Tensor& z, const torch::Tensor& gates) {
        return z * gates.unsqueeze(-1);
      };
      expect_formula(
          device, {y, v}, [](const Tensors& in) { return Tensors{cuda::finish_heads(in[0], in[1], {})}; },
          [](const Tensors& in) { return Tensors{plain::exclusive_attention(in[0], in[1])}; });
      expect_formula(
          device, {y, gate}, [](const Tensors& in) { return Tensors{cuda::finish_heads(in[0], {}, in[1])}; },
          [&](const Tensors& in) { return Tensors{gated(in[0], in[1])}; });
      expect_formula(
          device, {y, v, gate},
          [](const Tensors& in) { return Tensors{cuda::finish_heads(in[0], in[1], in[2])}; },
          [&](const Tensors& in) { return Tensors{gated(plain::exclusive_attention(in[0], in[1]), in[2])}; });
    }
  }
  // Nothing is along a value of length zero.
  const torch::Tensor y = at::randn({1, 3, 2, 8}).to(device);
  EXPECT_TRUE(at::equal(cuda::finish_heads(y, at::zeros_like(y), {}), y));
}

void check_softcap_nll(torch::Device device) {
  torch::manual_seed(7);
  struct Case {
    int64_t rows, classes;
  };
  for (const auto& [rows, classes] : {Case{1, 50}, Case{31, 1000}, Case{33, 1023}, Case{33, 8192}}) {
    for (const auto dtype : {kFloat, kBf16}) {
      SCOPED_TRACE(testing::Message() << rows << " rows of " << classes << ", " << dtype);
      const torch::Tensor scores = (at::randn({1, rows, classes}) * 12).to(dtype);
      const torch::Tensor targets = at::randint(classes, {1, rows}, torch::kLong),
                          on_device = targets.to(device);
      const auto formula = [&](const Tensors& in) {
        const torch::Tensor logits = 30 * at::tanh(in[0] / 30);
        return Tensors{-at::log_softmax(logits, -1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)};
      };
      expect_formula(
          device, {scores},
          [&](const Tensors& in) { return Tensors{cuda::softcapped_nll(in[0], 30, on_device)}; }, formula);
      const PositionScores found = cuda::softcapped_scores(scores.to(device), 30, on_device, true);
      const torch::Tensor wide = scores.to(torch::kDouble),
                          log_p = at::log_softmax(30 * at::tanh(wide / 30), -1);
      expect_near(found.nll_BT, formula({wide})[0], "nll");
      expect_near(found.entropy_BT, -(log_p.exp() * log_p).sum(-1), "entropy");
    }
  }
  const torch::Tensor outside = at::tensor({50, -1}, torch::kLong).view({1, 2}).to(device);
  EXPECT_TRUE(cuda::softcapped_nll(at::zeros({1, 2, 50}).to(device), 30, outside).isnan().all().item<bool>());
}

}  // namespace golf::test
