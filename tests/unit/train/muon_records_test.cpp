// What the records of April and May add to Muon: normalized rows, PolarExpress, a weight decay that falls.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golf/model/torch_tensors.h"
#include "golf/train/optim/muon.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/train/optimizer_inputs.h"

namespace golf {
namespace {

using test::largest_difference;
using test::parameter;
using test::set_gradient;
using test::wavy;

TEST(RowsNormalized, GivesEachRowTheNormOneAndLeavesAZeroRowZero) {
  torch::Tensor u = wavy({2, 4, 6}, 0.4);
  u[0][1].zero_();
  u[1][2].mul_(1e6);
  const torch::Tensor norms = rows_normalized(u).norm(2, -1);
  torch::Tensor expected = at::ones({2, 4});
  expected[0][1] = 0;
  EXPECT_LT(largest_difference(norms, expected), 1e-6);
  // A row below the least norm is magnified by as much as a row of that norm.
  EXPECT_LT(largest_difference(rows_normalized(at::full({1, 4}, 1e-9F)), at::full({1, 4}, 1e-2F)), 1e-6);
  EXPECT_EQ(rows_normalized(u.to(torch::kBFloat16)).scalar_type(), torch::kBFloat16);
}

TEST(NewtonSchulzPolarExpress, BringsSingularValuesOfFourMagnitudesNearOne) {
  const auto orthogonal = [](int64_t n, double phase) {
    return std::get<0>(at::linalg_qr(at::sin(at::arange(n * n, torch::kDouble).view({n, n}) * 0.37 + phase)));
  };
  const torch::Tensor values = at::logspace(-3, 0, 12, 10.0, torch::kDouble);
  const torch::Tensor g = at::matmul(orthogonal(12, 0.1) * values, orthogonal(12, 0.7)).to(torch::kFloat);
  const auto singular_values = [&](NewtonSchulz coefficients) {
    return at::linalg_svdvals(newton_schulz(g, 5, torch::kFloat, coefficients));
  };
  const torch::Tensor polar = singular_values(NewtonSchulz::kPolarExpress);
  EXPECT_GT(polar.min().item<double>(), 0.6);
  EXPECT_LT(polar.max().item<double>(), 1.2);
  EXPECT_LT(singular_values(NewtonSchulz::kQuintic).min().item<double>(), 0.5);
}

TEST(NewtonSchulzPolarExpress, HasItsOwnPolynomialForEachStep) {
  // On a 1×1 matrix the iteration is its scalar polynomial, from the value normed to 1.
  const auto after = [](int64_t steps) {
    return newton_schulz(at::full({1, 1}, 1e6, torch::kDouble), steps, torch::kDouble,
                         NewtonSchulz::kPolarExpress)
        .item<double>();
  };
  const double first = 8.156554524902461 - 22.48329292557795 + 15.878769915207462;
  EXPECT_NEAR(after(1), first, 1e-9);
  EXPECT_NEAR(after(2),
              4.042929935166739 * first - 2.808917465908714 * std::pow(first, 3) +
                  0.5000178451051316 * std::pow(first, 5),
              1e-9);
}

TEST(Muon, NormalizesRowsSoThatTheirMagnitudesDoNotMatter) {
  const MuonConfig config{.row_normalize = true, .ns_dtype = IterationDType::kFloat32};
  const auto stepped = [&](const torch::Tensor& gradient) {
    std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1))};
    set_gradient(live[0], gradient);
    Muon(live, 0.02, config).step({});
    return live[0].tensor.detach().clone();
  };
  const torch::Tensor gradient = wavy({4, 6}, 1), rows = at::tensor({1e-3F, 1.0F, 7.0F, 1e4F}).view({4, 1});
  EXPECT_LT(largest_difference(stepped(gradient), stepped(gradient * rows)), 1e-6);
}

TEST(Muon, DecaysByTheScaleOfTheStep) {
  std::vector<NamedParameter> live = {parameter("a", wavy({4, 6}, 0.1))};
  const torch::Tensor before = live[0].tensor.detach().clone();
  Muon(live, 0.1, {.weight_decay = 0.5}).step({.muon_decay_scale = 0.4});
  EXPECT_LT(largest_difference(live[0].tensor, 0.98 * before), 1e-7);
}

/// One of the recorded variants, after one step and after three.
void expect_recorded_muon(const char* variant, const MuonConfig& config, double tolerance) {
  const TensorSet cases = test::reference_tensors("pr1493/muon_cases.safetensors");
  double worst = 0;
  for (const std::string name : {"wide", "tall", "square", "zero_row", "one_huge_row"}) {
    const auto recorded = [&](const std::string& what) { return to_torch(cases.at(name + "." + what)); };
    std::vector<NamedParameter> live = {parameter(name, recorded("p"))};
    Muon muon(live, 0.022, config);
    for (const int step : {0, 1, 2}) {
      set_gradient(live[0], recorded("g" + std::to_string(step)));
      muon.step({.muon_momentum = 0.92});
      if (step == 1) continue;  // not recorded
      const torch::Tensor expected = recorded(std::string(variant) + ".after" + std::to_string(step + 1));
      const double difference = largest_difference(live[0].tensor, expected);
      worst = std::max(worst, difference);
      EXPECT_LT(difference, tolerance) << name << " " << variant << " step " << step + 1;
    }
  }
  std::printf("Muon cases %s: within %.1e\n", variant, worst);
}

TEST(Muon, EqualsPr1493sOwn) {
  GOLF_NEED_REFERENCE_DATA();
  const MuonConfig float32{
      .weight_decay = 0.095, .row_normalize = true, .ns_dtype = IterationDType::kFloat32};
  expect_recorded_muon("ns32", float32, 1e-6);
  MuonConfig plain = float32;
  plain.row_normalize = false;
  expect_recorded_muon("ns32_norow", plain, 1e-6);
  // In bfloat16 another order of summation flips last bits, which the next steps go on from.
  MuonConfig rounded = float32;
  rounded.ns_dtype = IterationDType::kBFloat16;
  expect_recorded_muon("ns16", rounded, 3e-3);
}

}  // namespace
}  // namespace golf
