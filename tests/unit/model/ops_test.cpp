// Every operation against its formula in float64, values and gradients: what ops.h chooses here (the kernels,
// on a CPU), and the plain compositions that other devices get.
#include "model/ops.h"

#include <cmath>

#include "golf/model/cpu_path.h"
#include "golf/model/loss.h"
#include "model/ops/paths.h"
#include "unit/model/expect_same.h"

namespace golf::test {
namespace {

TEST(Ops, RmsNorm) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape) * 3}, [](const Tensors& x) { return Tensors{rms_norm(x[0])}; },
        [](const Tensors& x) { return Tensors{rms64(x[0])}; });
  }
}

TEST(Ops, RmsNormOfZerosIsZero) { EXPECT_TRUE(rms_norm(at::zeros({2, 3, 8})).eq(0).all().item<bool>()); }

TEST(Ops, MixAndNorm) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn(shape), at::randn({2, shape[2]})},
        [](const Tensors& x) {
          const StreamAndNorm out = mix_and_norm(x[0], x[1], x[2]);
          return Tensors{out.stream_BTD, out.normed_BTD};
        },
        [](const Tensors& x) {
          const torch::Tensor stream = x[2][0] * x[0] + x[2][1] * x[1];
          return Tensors{stream, rms64(stream)};
        });
  }
}

TEST(Ops, AddScaledAndNorm) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn({shape[2]}), at::randn(shape)},
        [](const Tensors& x) {
          const StreamAndNorm out = add_scaled_and_norm(x[0], x[1], x[2]);
          return Tensors{out.stream_BTD, out.normed_BTD};
        },
        [](const Tensors& x) {
          const torch::Tensor stream = x[0] + x[1] * x[2];
          return Tensors{stream, rms64(stream)};
        });
  }
}

TEST(Ops, AddScaled) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn({shape[2]}), at::randn(shape)},
        [](const Tensors& x) { return Tensors{add_scaled(x[0], x[1], x[2])}; },
        [](const Tensors& x) { return Tensors{x[0] + x[1] * x[2]}; });
  }
}

TEST(Ops, LeakyReluSquared) {
  for (const double slope : {0.0, 0.5}) {
    for (const auto& shape : shapes()) {
      expect_same(
          {at::randn(shape)}, [&](const Tensors& x) { return Tensors{leaky_relu_squared(x[0], slope)}; },
          [&](const Tensors& x) { return Tensors{at::square(at::leaky_relu(x[0], slope))}; });
    }
  }
  EXPECT_EQ(leaky_relu_squared(at::full({4}, -INFINITY), 0).max().item<double>(), 0);
}

TEST(Ops, NormsTimesAScale) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn({shape[2]}), at::randn(shape)},
        [](const Tensors& x) {
          const StreamAndNorm out = add_scaled_and_norm(x[0], x[1], x[2], 0.3);
          return Tensors{out.stream_BTD, out.normed_BTD, rms_norm(x[0], 0.3)};
        },
        [](const Tensors& x) {
          const torch::Tensor stream = x[0] + x[1] * x[2];
          return Tensors{stream, rms64(stream) * 0.3, rms64(x[0]) * 0.3};
        });
  }
}

TEST(Ops, Mix) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn(shape), at::randn({2, shape[2]})},
        [](const Tensors& x) { return Tensors{mix(x[0], x[1], x[2])}; },
        [](const Tensors& x) { return Tensors{x[2][0] * x[0] + x[2][1] * x[1]}; });
  }
}

TEST(Ops, FrozenCoefficientsGetNoGradient) {
  const torch::Tensor x = at::randn({2, 70, 24}).requires_grad_(true), mix_2D = at::randn({2, 24});
  const StreamAndNorm out = mix_and_norm(x, at::randn({2, 70, 24}), mix_2D);
  (out.stream_BTD.sum() + add_scaled(x, mix_2D[0], x).sum()).backward();
  EXPECT_FALSE(mix_2D.grad().defined());
  EXPECT_LT(max_difference(x.grad(), (mix_2D[0] * 2 + 1).expand_as(x)), 1e-6);
}

TEST(Ops, ExclusiveAttention) {
  for (const int64_t head_dim : {6, 24, 64}) {
    expect_same(
        {at::randn({2, 35, 6, head_dim}), at::randn({2, 35, 3, head_dim}) + 0.5},
        [](const Tensors& x) { return Tensors{exclusive_attention(x[0], x[1])}; },
        [](const Tensors& x) { return Tensors{plain::exclusive_attention(x[0], x[1])}; }, 1e-5);
  }
}

TEST(Ops, ScaleHeads) {
  for (const int64_t head_dim : {1, 6, 64}) {
    expect_same(
        {at::randn({2, 35, 6, head_dim}), at::randn({2, 35, 6})},
        [](const Tensors& x) { return Tensors{scale_heads(x[0], x[1])}; },
        [](const Tensors& x) { return Tensors{x[0] * x[1].unsqueeze(-1)}; });
  }
}

TEST(Ops, Softcap) {
  expect_same(
      {at::randn({2, 3, 50}) * 40}, [](const Tensors& x) { return Tensors{softcap(x[0], 30)}; },
      [](const Tensors& x) { return Tensors{30 * at::tanh(x[0] / 30)}; });
}

torch::Tensor qk_norm_rotary64(const torch::Tensor& x, const RotaryAngles& angles) {
  const int64_t pairs = angles.cos_TR.size(1), still = x.size(-1) - 2 * pairs;
  const torch::Tensor normed = rms64(x), a = normed.narrow(-1, 0, pairs), b = normed.narrow(-1, pairs, pairs);
  const torch::Tensor cos = angles.cos_TR.to(torch::kDouble).unsqueeze(1),
                      sin = angles.sin_TR.to(torch::kDouble).unsqueeze(1);
  return at::cat({a * cos + b * sin, b * cos - a * sin, normed.narrow(-1, 2 * pairs, still)}, -1);
}

TEST(Ops, NormRotateAndGain) {
  const std::pair<int64_t, int64_t> sizes[] = {{2, 2}, {6, 6}, {6, 2}, {32, 32}, {64, 64}, {64, 16}};
  for (const auto& [head_dim, rotated] : sizes) {
    RotaryTable table({.dims = rotated, .base = 10000.0});
    const RotaryAngles angles = table.angles(37, torch::kCPU);
    const torch::Tensor x = at::randn({2, 37, 3, head_dim}) * 2;
    expect_same(
        {x}, [&](const Tensors& in) { return Tensors{qk_norm_rotary(in[0], angles)}; },
        [&](const Tensors& in) { return Tensors{qk_norm_rotary64(in[0], angles)}; });
    expect_same(
        {x, at::randn({3})}, [&](const Tensors& in) { return Tensors{qk_norm_rotary(in[0], angles, in[1])}; },
        [&](const Tensors& in) { return Tensors{qk_norm_rotary64(in[0], angles) * in[1].unsqueeze(-1)}; },
        5e-6);
  }
}

TEST(Ops, ResultsDoNotDependOnTheNumberOfThreads) {
  const torch::Tensor x = at::randn({2, 150, 96}), y = at::randn({2, 150, 96}), mix = at::randn({2, 96});
  const torch::Tensor q = at::randn({2, 150, 4, 24}), k = at::randn({2, 150, 2, 24});
  RotaryTable table({.dims = 24, .base = 10000.0});
  const RotaryAngles angles = table.angles(150, torch::kCPU);
  const auto run = [&] {
    Tensors leaves;
    for (const torch::Tensor& t : {x, y, mix, q, k, at::ones({4})})
      leaves.push_back(t.clone().set_requires_grad(true));
    const StreamAndNorm out = mix_and_norm(leaves[0], leaves[1], leaves[2]);
    const torch::Tensor turned = qk_norm_rotary(leaves[3], angles, leaves[5]);
    torch::Tensor total = at::square(out.stream_BTD * out.normed_BTD).sum() + at::square(turned * q).sum();
    if (fused::has_kernels())
      total = total + at::square(causal_attention(turned, leaves[4], leaves[4])).sum();
    total.backward();
    Tensors gradients;
    for (const torch::Tensor& leaf : leaves) {
      if (leaf.grad().defined()) gradients.push_back(leaf.grad());
    }
    return gradients;
  };
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Tensors one = run();
  at::set_num_threads(3);
  const Tensors three = run();
  at::set_num_threads(threads);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(at::equal(one[i], three[i])) << "gradient " << i;
}

/// Outputs and input gradients of every kernel for the same random inputs.
Tensors run_kernels() {
  torch::manual_seed(11);
  RotaryTable table({.dims = 24, .base = 10000.0});
  Tensors leaves;
  const std::vector<std::vector<int64_t>> shapes = {
      {2, 70, 33}, {2, 70, 33}, {2, 33}, {33}, {2, 70, 3, 24}, {3}, {2, 70, 50}, {2, 70, 1, 24}, {2, 70, 3}};
  for (const auto& shape : shapes) leaves.push_back((at::randn(shape) * 2).set_requires_grad(true));
  const StreamAndNorm mixed = mix_and_norm(leaves[0], leaves[1], leaves[2]);
  const StreamAndNorm added = add_scaled_and_norm(leaves[0], leaves[3], leaves[1]);
  const torch::Tensor targets = at::randint(50, {2, 70}, torch::kLong);
  const Tensors outputs = {mixed.stream_BTD,
                           mixed.normed_BTD,
                           added.stream_BTD,
                           added.normed_BTD,
                           add_scaled(leaves[0], leaves[3], leaves[1]),
                           rms_norm(leaves[0]),
                           leaky_relu_squared(leaves[1], 0.5),
                           qk_norm_rotary(leaves[4], table.angles(70, torch::kCPU), leaves[5]),
                           fused::softcapped_nll(leaves[6], 30, targets),
                           exclusive_attention(leaves[4], leaves[7]),
                           scale_heads(leaves[4], leaves[8])};
  Tensors gradients, results;
  for (const torch::Tensor& output : outputs) gradients.push_back(at::randn(output.sizes()));
  torch::autograd::backward(outputs, gradients);
  for (const torch::Tensor& output : outputs) results.push_back(output.detach());
  for (const torch::Tensor& leaf : leaves) results.push_back(leaf.grad());
  const PositionScores scores = fused::softcapped_scores(leaves[6], 30, targets, true);
  results.insert(results.end(), {scores.nll_BT, scores.entropy_BT});
  return results;
}

TEST(Ops, KernelsGiveTheSameBitsWithEveryInstructionSet) {
  const CpuPath path = cpu_path();
  use_cpu_path(CpuPath::kBaseline);
  const Tensors expected = run_kernels();
  for (const CpuPath other : {CpuPath::kAvx512, CpuPath::kAvx2}) {
    if (!can_run(other)) continue;
    use_cpu_path(other);
    const Tensors found = run_kernels();
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(at::equal(found[i], expected[i])) << name_of(other) << ", result " << i;
    }
  }
  use_cpu_path(path);
}

TEST(CpuPath, IsTheFirstThatTheProcessorCanRun) {
  EXPECT_TRUE(can_run(CpuPath::kBaseline));
  EXPECT_TRUE(can_run(CpuPath::kLibTorch));
  EXPECT_TRUE(can_run(cpu_path()));
  for (const CpuPath path : kCpuPaths) EXPECT_EQ(find_cpu_path(name_of(path)), path);
  EXPECT_EQ(find_cpu_path("mmx"), std::nullopt);
}

TEST(Ops, NotANumberIsNeverHidden) {
  const auto poisoned = [](std::vector<int64_t> shape) {
    torch::Tensor x = at::randn(shape);
    x.view({-1})[3] = NAN;
    return x;
  };
  const auto has_nan = [](const torch::Tensor& x) { return x.isnan().any().item<bool>(); };
  const torch::Tensor x = at::randn({1, 5, 24}), targets = at::zeros({1, 5}, torch::kLong);
  RotaryTable table({.dims = 8, .base = 10000.0});
  EXPECT_TRUE(has_nan(rms_norm(poisoned({1, 5, 24}))));
  EXPECT_TRUE(has_nan(leaky_relu_squared(poisoned({1, 5, 24}), 0.5)));
  EXPECT_TRUE(has_nan(softcap(poisoned({1, 5, 24}), 30)));
  EXPECT_TRUE(has_nan(mix_and_norm(x, poisoned({1, 5, 24}), at::ones({2, 24})).normed_BTD));
  EXPECT_TRUE(has_nan(qk_norm_rotary(poisoned({1, 5, 3, 8}), table.angles(5, torch::kCPU))));
  for (const int64_t length : {1, 5, 64, 70}) {
    for (int i = 0; i < 3; ++i) {
      Tensors qkv;
      for (int j = 0; j < 3; ++j) qkv.push_back(at::randn({1, length, 1, 24}));
      qkv[i] = poisoned({1, length, 1, 24});
      EXPECT_TRUE(has_nan(causal_attention(qkv[0], qkv[1], qkv[2]))) << "length " << length << " input " << i;
      EXPECT_TRUE(has_nan(plain::causal_attention(qkv[0], qkv[1], qkv[2])))
          << "length " << length << " input " << i;
    }
  }
  const torch::Tensor heads = at::randn({1, 5, 2, 8});
  EXPECT_TRUE(has_nan(exclusive_attention(poisoned({1, 5, 2, 8}), heads)));
  EXPECT_TRUE(has_nan(exclusive_attention(heads, poisoned({1, 5, 2, 8}))));
  EXPECT_TRUE(has_nan(scale_heads(poisoned({1, 5, 2, 8}), at::ones({1, 5, 2}))));
  EXPECT_TRUE(has_nan(softcapped_mean_nll(poisoned({1, 5, 24}), 30, targets)));
  EXPECT_TRUE(has_nan(fused::softcapped_scores(poisoned({1, 5, 24}), 30, targets, true).nll_BT));
}

TEST(PlainOps, EqualTheFormulas) {
  const torch::Tensor x = at::randn({2, 5, 24}), y = at::randn({2, 5, 24});
  const auto weighted = [](const Tensors& in) { return Tensors{plain::weighted_sum(in[0], in[1], in[2])}; };
  expect_same({at::randn({2, 24}), x, y}, weighted,
              [](const Tensors& in) { return Tensors{in[0][0] * in[1] + in[0][1] * in[2]}; });
  expect_same({at::randn({24}), x, y}, weighted,
              [](const Tensors& in) { return Tensors{in[1] + in[0] * in[2]}; });
  expect_same(
      {x}, [](const Tensors& in) { return Tensors{plain::rms_norm(in[0], 0.3)}; },
      [](const Tensors& in) { return Tensors{rms64(in[0]) * 0.3}; });
  expect_same(
      {x}, [](const Tensors& in) { return Tensors{plain::leaky_relu_squared(in[0], 0)}; },
      [](const Tensors& in) { return Tensors{at::square(at::relu(in[0]))}; });
  RotaryTable table({.dims = 8, .base = 10000.0});
  const RotaryAngles angles = table.angles(5, torch::kCPU);
  expect_same(
      {x.view({2, 5, 3, 8}), at::randn({3})},
      [&](const Tensors& in) { return Tensors{plain::qk_norm_rotary(in[0], angles, in[1])}; },
      [&](const Tensors& in) { return Tensors{qk_norm_rotary64(in[0], angles) * in[1].unsqueeze(-1)}; });
}

TEST(Rotary, TurnsBackwardsByThePosition) {
  RotaryTable table({.dims = 2, .base = 10000.0});
  const torch::Tensor x = at::tensor({1.0F, 1.0F}).view({1, 1, 1, 2}).expand({1, 3, 1, 2});
  const torch::Tensor y = qk_norm_rotary(x, table.angles(3, torch::kCPU));
  for (int t = 0; t < 3; ++t) {
    EXPECT_NEAR(y[0][t][0][0].item<double>(), std::cos(t) + std::sin(t), 1e-6);
    EXPECT_NEAR(y[0][t][0][1].item<double>(), std::cos(t) - std::sin(t), 1e-6);
  }
}

TEST(Rotary, SimilarityDependsOnTheDistanceAlone) {
  RotaryTable table({.dims = 16, .base = 10000.0});
  const RotaryAngles angles = table.angles(20, torch::kCPU);
  const torch::Tensor q = qk_norm_rotary(at::randn({16}).expand({1, 20, 1, 16}), angles).squeeze(2)[0];
  const torch::Tensor k = qk_norm_rotary(at::randn({16}).expand({1, 20, 1, 16}), angles).squeeze(2)[0];
  EXPECT_LT(max_difference(at::square(q).mean({-1}), at::ones({20})), 1e-5) << "a rotation keeps lengths";
  EXPECT_NEAR(at::dot(q[9], k[4]).item<double>(), at::dot(q[19], k[14]).item<double>(), 1e-4);
  EXPECT_GT(std::abs(at::dot(q[9], k[4]).item<double>() - at::dot(q[9], k[5]).item<double>()), 1e-4);
}

TEST(Rotary, AnglesFollowTheFormula) {
  RotaryTable table({.dims = 8, .base = 100.0});
  const RotaryAngles angles = table.angles(6, torch::kCPU);
  for (int t = 0; t < 6; ++t) {
    for (int i = 0; i < 4; ++i) {
      const double angle = t * std::pow(100.0, -2.0 * i / 8);
      EXPECT_NEAR(angles.cos_TR[t][i].item<double>(), std::cos(angle), 1e-6);
      EXPECT_NEAR(angles.sin_TR[t][i].item<double>(), std::sin(angle), 1e-6);
    }
  }
}

}  // namespace
}  // namespace golf::test
