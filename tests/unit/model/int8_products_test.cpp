// Products of int8 on every path, against sums of whole numbers in int64.
#include "model/ops/int8_products.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "golf/model/cpu_path.h"
#include "model/kernels/int8_product.h"

namespace golf::test {
namespace {

/// Runs `compute` on every path that this processor has.
template <class Compute>
void with_each_cpu_path(const Compute& compute) {
  const CpuPath before = cpu_path();
  for (const CpuPath path : kCpuPaths) {
    if (!can_run(path)) continue;
    SCOPED_TRACE(name_of(path));
    use_cpu_path(path);
    compute();
  }
  use_cpu_path(before);
}

/// What int8_linear must give for weights that are whole multiples of `steps`: rows of x rounded as
/// documented, the product in int64, each step multiplied in float32.
torch::Tensor reference(const torch::Tensor& x, const torch::Tensor& whole, const torch::Tensor& steps,
                        bool nonnegative) {
  const float levels = nonnegative ? 255.0F : 127.0F;
  const torch::Tensor top = x.abs().amax(-1, /*keepdim=*/true);
  const torch::Tensor q = at::round(x * (levels / top)).to(torch::kLong);
  const torch::Tensor sums = at::matmul(q, whole.to(torch::kLong).t()).to(torch::kFloat);
  return sums * steps * (top / levels);
}

TEST(Int8Products, AreExactOnEveryPath) {
  for (const auto& [rows, inputs, outputs] : std::vector<std::array<int64_t, 3>>{
           {1, 64, 16}, {7, 33, 19}, {64, 512, 48}, {13, 130, 256}, {1030, 64, 32}}) {
    // Row 0 has the largest products, whose sums leave int16 and saturate where pairs are added there.
    torch::Tensor whole = at::randint(-128, 128, {outputs, inputs}, torch::kInt);
    whole[0].fill_(127);
    whole[0][1] = 1;
    whole.index_put_({at::arange(outputs), at::arange(outputs) % inputs}, 127);
    whole[outputs - 1].fill_(-128);
    whole[outputs - 1][0] = 127;
    const torch::Tensor steps = at::pow(2.0, -at::arange(outputs).to(torch::kFloat).remainder(7));
    const torch::Tensor weight = whole.to(torch::kFloat) * steps.unsqueeze(1);
    torch::Tensor x = at::randn({rows, inputs});
    x[0].fill_(1.0);
    with_each_cpu_path([&] {
      const Int8Matrix matrix = int8_matrix(weight);
      EXPECT_TRUE(matrix.exact);
      EXPECT_TRUE(at::equal(matrix.steps, steps));
      EXPECT_TRUE(at::equal(int8_linear(x, matrix, false), reference(x, whole, steps, false)));
      EXPECT_TRUE(at::equal(int8_linear(x.abs(), matrix, true), reference(x.abs(), whole, steps, true)));
    });
  }
}

TEST(Int8Products, RoundWeightsThatAreNoMultiples) {
  const torch::Tensor weight = at::randn({40, 96}), x = at::randn({2, 9, 96});
  const torch::Tensor exact = at::matmul(x, weight.t());
  with_each_cpu_path([&] {
    const Int8Matrix matrix = int8_matrix(weight);
    EXPECT_FALSE(matrix.exact);
    const torch::Tensor y = int8_linear(x, matrix, false);
    EXPECT_EQ(y.sizes(), exact.sizes());
    EXPECT_LT((y - exact).norm().item<double>(), 0.02 * exact.norm().item<double>());
  });
}

TEST(Int8Products, FindTheIntegersOfADequantizedRow) {
  const auto found = [](const std::vector<float>& w) {
    std::vector<int8_t> values(w.size());
    const kernels::WholeRow row = kernels::whole_row(std::ssize(w), w.data(), values.data());
    return std::pair(row, values);
  };
  const float step = 0.0123F;
  const auto [row, values] = found({-128 * step, 3 * step, 0, 127 * step, -50 * step});
  EXPECT_TRUE(row.exact);
  EXPECT_FLOAT_EQ(row.step, step);
  EXPECT_EQ(values, (std::vector<int8_t>{-128, 3, 0, 127, -50}));
  EXPECT_TRUE(found({0, 0, 0}).first.exact);
  EXPECT_EQ(found({2 * step, -4 * step}).second, (std::vector<int8_t>{1, -2}));  // the largest step
  EXPECT_FALSE(found({1, 1 / 3.0F, 0.001F}).first.exact);
  EXPECT_FALSE(found({129 * step, step}).first.exact);
}

TEST(Int8Products, KeepWhatIsNotFinite) {
  torch::Tensor x = at::randn({3, 40});
  x[0][7] = std::numeric_limits<float>::quiet_NaN();
  x[1][39] = std::numeric_limits<float>::infinity();
  with_each_cpu_path([&] {
    const torch::Tensor y = int8_linear(x, int8_matrix(at::randn({16, 40})), false);
    EXPECT_TRUE(y[0].isnan().all().item<bool>());
    EXPECT_TRUE(y[1].isnan().all().item<bool>());
    EXPECT_TRUE(y[2].isfinite().all().item<bool>());
    EXPECT_TRUE(at::equal(int8_linear(at::zeros({2, 40}), int8_matrix(at::randn({16, 40})), false),
                          at::zeros({2, 16})));
  });
}

}  // namespace
}  // namespace golf::test
