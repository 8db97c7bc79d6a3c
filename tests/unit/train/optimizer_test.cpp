#include "golf/train/optim/optimizer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "golf/model/cpu_path.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/optim/adam.h"
#include "golf/train/optim/muon.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/train/optimizer_inputs.h"

namespace golf {
namespace {

using test::largest_difference;
using test::parameter;
using test::set_gradient;
using test::wavy;

TEST(NewtonSchulz, BringsSingularValuesNearOneAndKeepsSingularVectors) {
  // A matrix with singular values 1 … 16 and known singular vectors.
  const auto orthogonal = [](int64_t n, double phase) {
    return std::get<0>(at::linalg_qr(at::sin(at::arange(n * n, torch::kDouble).view({n, n}) * 0.37 + phase)));
  };
  const torch::Tensor u = orthogonal(16, 0.1), v = orthogonal(32, 0.7).narrow(0, 0, 16);
  const torch::Tensor g = at::matmul(u * at::arange(1, 17, torch::kDouble), v).to(torch::kFloat);
  for (const auto dtype : {torch::kFloat, torch::kBFloat16}) {
    const torch::Tensor x = newton_schulz(g, 5, dtype);
    EXPECT_EQ(x.scalar_type(), dtype);
    // In the basis of the singular vectors the result is diagonal, with entries near 1.
    const torch::Tensor d = at::matmul(at::matmul(u.t(), x.to(torch::kDouble)), v.t());
    EXPECT_GT(d.diagonal().min().item<double>(), 0.6);
    EXPECT_LT(d.diagonal().max().item<double>(), 1.3);
    EXPECT_LT((d - d.diagonal().diag()).abs().max().item<double>(), dtype == torch::kFloat ? 1e-5 : 5e-2);
  }
}

TEST(NewtonSchulz, TreatsATallMatrixAsTheTransposeOfAWideOne) {
  const torch::Tensor g = wavy({24, 8}, 0.3);
  const torch::Tensor tall = newton_schulz(g, 5, torch::kBFloat16);
  EXPECT_EQ(tall.sizes(), g.sizes());
  EXPECT_TRUE(at::equal(tall, newton_schulz(g.t(), 5, torch::kBFloat16).t()));
}

TEST(NewtonSchulz, RoundsToBf16WithOrWithoutInstructions) {
  torch::manual_seed(3);
  const torch::Tensor g = at::randn({3, 40, 24});
  const CpuPath before = cpu_path();
  for (const CpuPath path : kCpuPaths) {
    if (!can_run(path)) continue;
    use_cpu_path(path);
    // Seen: 0.0028 and 0.025 in float32 with rounding, 0.0027 and 0.041 with LibTorch's own products.
    for (const auto& [steps, most] : {std::pair<int64_t, double>{1, 0.004}, {5, 0.06}}) {
      const torch::Tensor found = newton_schulz(g, steps, torch::kBFloat16);
      const torch::Tensor exact = newton_schulz(g.to(torch::kDouble), steps, torch::kDouble);
      EXPECT_EQ(found.scalar_type(), torch::kBFloat16);
      const double off = at::max(at::abs(found.to(torch::kDouble) - exact)).item<double>();
      EXPECT_LT(off, most) << name_of(path);
      EXPECT_GT(off, 1e-4) << name_of(path) << " does not round";
    }
  }
  use_cpu_path(before);
}

TEST(NewtonSchulz, TreatsEachMatrixOfABatchOnItsOwn) {
  for (const auto dtype : {torch::kFloat, torch::kBFloat16}) {
    const torch::Tensor g = wavy({3, 16, 40}, 0.9);
    const torch::Tensor together = newton_schulz(g, 5, dtype);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_LT(largest_difference(together[i], newton_schulz(g[i], 5, dtype)),
                dtype == torch::kFloat ? 1e-5 : 0.02);
    }
  }
}

TEST(NewtonSchulz, LeavesAZeroMatrixZero) {
  EXPECT_EQ(newton_schulz(at::zeros({4, 6}), 5, torch::kFloat).abs().max().item<float>(), 0.0F);
}

TEST(Adam, TakesTheStepsOfItsFormula) {
  const AdamConfig config{.beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .weight_decay = 0.3};
  NamedParameter live = parameter("w", wavy({5, 3}, 0.2));
  torch::Tensor w = live.tensor.detach().to(torch::kDouble), m = at::zeros_like(w), v = at::zeros_like(w);
  Adam adam({live}, 0.1, config);
  for (int t = 1; t <= 3; ++t) {
    const torch::Tensor gradient = wavy({5, 3}, t);
    set_gradient(live, gradient);
    adam.step({.lr_multiplier = 0.5});
    const torch::Tensor g = gradient.to(torch::kDouble);
    m = config.beta1 * m + (1 - config.beta1) * g;
    v = config.beta2 * v + (1 - config.beta2) * g * g;
    const torch::Tensor m_hat = m / (1 - std::pow(config.beta1, t)),
                        v_hat = v / (1 - std::pow(config.beta2, t));
    w = w * (1 - 0.05 * config.weight_decay) - 0.05 * m_hat / (v_hat.sqrt() + config.eps);
    EXPECT_LT(largest_difference(live.tensor, w), 1e-6) << "step " << t;
  }
}

TEST(Muon, TakesTheStepsOfItsFormula) {
  const MuonConfig config{.weight_decay = 0.4, .ns_steps = 5, .ns_dtype = IterationDType::kFloat32};
  // Two shapes, so that one batch holds two matrices and another a tall one with its extra factor.
  std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1)), parameter("tall", wavy({8, 2}, 0.2)),
                                      parameter("b", wavy({4, 6}, 0.3))};
  std::vector<torch::Tensor> w, momentum;
  for (const NamedParameter& one : live) {
    w.push_back(one.tensor.detach().to(torch::kDouble));
    momentum.push_back(at::zeros_like(w.back()));
  }
  Muon muon(live, 0.02, config);
  for (int t = 1; t <= 3; ++t) {
    const double mu = 0.9 + 0.01 * t;
    for (size_t i = 0; i < live.size(); ++i) {
      const torch::Tensor gradient = wavy(live[i].tensor.sizes().vec(), t + 10.0 * static_cast<double>(i));
      set_gradient(live[i], gradient);
      const torch::Tensor g = gradient.to(torch::kDouble);
      momentum[i] = mu * momentum[i] + g;
      const double factor = i == 1 ? 2.0 : 1.0;  // √(8/2)
      w[i] = w[i] * (1 - 0.02 * config.weight_decay) -
             0.02 * factor * newton_schulz(g + mu * momentum[i], 5, torch::kDouble);
    }
    muon.step({.muon_momentum = mu});
    for (size_t i = 0; i < live.size(); ++i) {
      EXPECT_LT(largest_difference(live[i].tensor, w[i]), 1e-5) << live[i].name << " step " << t;
    }
  }
}

TEST(Muon, AMatrixWithoutGradientKeepsItsWeightsAndMomentum) {
  std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1)), parameter("b", wavy({4, 6}, 0.3))};
  const torch::Tensor before = live[0].tensor.detach().clone();
  Muon muon(live, 0.02, {});
  set_gradient(live[1], wavy({4, 6}, 1));
  muon.step({});
  EXPECT_TRUE(at::equal(live[0].tensor, before));
  EXPECT_EQ(muon.state()[0].tensor.abs().max().item<float>(), 0.0F);
  EXPECT_EQ(muon.state()[1].name, "muon.momentum.b");
  EXPECT_GT(muon.state()[1].tensor.abs().max().item<float>(), 0.0F);
}

TEST(Muon, DecayReachesAMatrixWithoutGradient) {
  std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1))};
  const torch::Tensor before = live[0].tensor.detach().clone();
  Muon muon(live, 0.1, {.weight_decay = 0.5});
  muon.step({.lr_multiplier = 0.5});
  EXPECT_LT(largest_difference(live[0].tensor, 0.975 * before), 1e-7);
}

TEST(Muon, KeepsItsMomentumInBfloat16WhenAsked) {
  std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1))};
  const torch::Tensor gradient = wavy({4, 6}, 1);
  set_gradient(live[0], gradient);
  Muon muon(live, 0.02, {.momentum_dtype = IterationDType::kBFloat16});
  muon.step({.muon_momentum = 0.9});
  EXPECT_TRUE(at::equal(muon.state()[0].tensor, gradient.to(torch::kBFloat16)));
}

TEST(NewtonSchulz, EqualsTheEntriesOwn) {
  GOLF_NEED_REFERENCE_DATA();
  const TensorSet unit = test::reference_tensors("pr192-pr262/unit.safetensors");
  for (const char* shape : {"64x64", "64x96", "96x64", "128x384", "384x128"}) {
    const torch::Tensor g = to_torch(unit.at(std::string("ns_in_") + shape));
    for (const auto& [name, dtype, tolerance] :
         {std::tuple{"fp32", torch::kFloat, 1e-5}, {"bf16", torch::kBFloat16, 0.05}}) {
      const torch::Tensor expected = to_torch(unit.at(std::string("ns_") + name + "_out_" + shape));
      EXPECT_LT(largest_difference(newton_schulz(g, 5, dtype), expected), tolerance) << shape << name;
    }
  }
}

TEST(MakeOptimizers, RefusesAGroupWithAnUnknownParameter) {
  EXPECT_GOLF_ERROR(make_optimizers({{"matrices", OptimizerKind::kMuon, 0.1, {}, {"no.such"}}}, {}, {}),
                    ErrorCode::kMismatch, "group matrices: the model has no parameter \"no.such\"");
}

TEST(GradientClip, ScalesToTheNormButNeverUp) {
  const auto gradients = [] {
    return std::vector<torch::Tensor>{at::full({2}, 3.0F), at::full({1, 2}, -4.0F)};
  };
  std::vector<torch::Tensor> tensors = gradients();
  const torch::Tensor norm = global_norm(tensors);
  EXPECT_FLOAT_EQ(norm.item<float>(), std::sqrt(50.0F));
  clip_to_norm(tensors, norm, 1.0);
  EXPECT_NEAR(global_norm(tensors).item<float>(), 1.0, 1e-6);
  const torch::Tensor exact = global_norm(gradients(), NormDType::kFloat64);
  EXPECT_EQ(exact.scalar_type(), torch::kDouble);
  EXPECT_DOUBLE_EQ(exact.item<double>(), std::sqrt(50.0));
  tensors = gradients();
  clip_to_norm(tensors, exact, 1.0);
  EXPECT_NEAR(global_norm(tensors).item<float>(), 1.0, 1e-6);
  tensors = gradients();
  clip_to_norm(tensors, norm, 100.0);
  EXPECT_TRUE(at::equal(tensors[0], gradients()[0]));
}

}  // namespace
}  // namespace golf
