// The matrix products and attention, against their formulas in float64 or against LibTorch's own products.
#include <cmath>
#include <vector>

#include "golf/model/cpu_path.h"
#include "model/kernels/kernels.h"
#include "model/ops.h"
#include "model/ops/paths.h"
#include "unit/model/expect_same.h"

namespace golf::test {
namespace {

/// Softmax over a masked square, heads repeated; each query sees the `window` keys up to its own.
torch::Tensor attention64(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                          int64_t window = INT64_MAX) {
  const int64_t T = q.size(1), group = q.size(2) / k.size(2);
  const auto heads = [&](const torch::Tensor& x) { return x.repeat_interleave(group, 2).transpose(1, 2); };
  const torch::Tensor scores = q.transpose(1, 2).matmul(heads(k).transpose(2, 3)) / std::sqrt(q.size(3));
  torch::Tensor mask = at::ones({T, T}, torch::kBool).triu(1);
  if (window < T) mask = mask | at::ones({T, T}, torch::kBool).tril(-window);
  return at::softmax(scores.masked_fill(mask, -INFINITY), -1).matmul(heads(v)).transpose(1, 2);
}

struct AttentionShape {
  int64_t batch, length, heads, kv_heads, head_dim;
};
const AttentionShape kAttentionShapes[] = {{1, 1, 1, 1, 2},   {2, 5, 4, 2, 6},   {1, 63, 2, 1, 16},
                                           {1, 64, 2, 2, 32}, {2, 65, 4, 1, 32}, {1, 200, 6, 3, 64},
                                           {1, 129, 2, 1, 80}};

TEST(Products, CausalAttention) {
  // LibTorch's own products without AVX lose most: 5.05e-6 of the largest gradient was seen.
  constexpr double kTolerance = 6e-6;
  for (const auto& [batch, length, heads, kv_heads, head_dim] : kAttentionShapes) {
    const Tensors inputs = {at::randn({batch, length, heads, head_dim}) * 2,
                            at::randn({batch, length, kv_heads, head_dim}) * 2,
                            at::randn({batch, length, kv_heads, head_dim})};
    const auto formula = [](const Tensors& x) { return Tensors{attention64(x[0], x[1], x[2])}; };
    expect_same(
        inputs, [](const Tensors& x) { return Tensors{causal_attention(x[0], x[1], x[2])}; }, formula,
        kTolerance);
    expect_same(
        inputs, [](const Tensors& x) { return Tensors{plain::causal_attention(x[0], x[1], x[2])}; }, formula,
        kTolerance);
  }
}

TEST(Products, AttentionOfTheLastQueriesAndOverAWindow) {
  const at::NoGradGuard no_grad;
  for (const auto& [batch, length, heads, kv_heads, head_dim] : kAttentionShapes) {
    const torch::Tensor q = at::randn({batch, length, heads, head_dim}) * 2,
                        k = at::randn({batch, length, kv_heads, head_dim}) * 2,
                        v = at::randn({batch, length, kv_heads, head_dim});
    for (const int64_t window : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{64}, int64_t{66}, length}) {
      const torch::Tensor all = attention64(q.to(torch::kDouble), k.to(torch::kDouble), v.to(torch::kDouble),
                                            window == 0 ? INT64_MAX : window);
      for (const int64_t first : {int64_t{0}, length / 3, length - 1}) {
        const torch::Tensor queries = q.slice(1, first), expected = all.slice(1, first);
        SCOPED_TRACE(testing::Message()
                     << "length " << length << ", window " << window << ", from " << first);
        EXPECT_LT(max_difference(causal_attention(queries, k, v, window), expected), 1e-5);
        EXPECT_LT(max_difference(plain::part_of_attention(queries, k, v, window), expected), 1e-5);
      }
    }
  }
}

TEST(Products, CausalAttentionSurvivesHugeScores) {
  // With whole numbers every score is exact in float32, whatever the order of its sum. Otherwise a score of
  // 100,000 is rounded by up to 0.004, and two keys that are almost level change places from machine to
  // machine.
  const torch::Tensor q = at::round(at::randn({1, 70, 2, 16}) * 100),
                      k = at::round(at::randn({1, 70, 1, 16}) * 100), v = at::randn({1, 70, 1, 16});
  const torch::Tensor expected =
      attention64(q.to(torch::kDouble), k.to(torch::kDouble), v.to(torch::kDouble));
  EXPECT_LT(max_difference(causal_attention(q, k, v), expected), 1e-5);
}

TEST(Products, Linear) {
  for (const auto& shape : shapes()) {
    expect_same(
        {at::randn(shape), at::randn({7, shape[2]})},
        [](const Tensors& x) { return Tensors{apply_linear(x[0], x[1])}; },
        [](const Tensors& x) { return Tensors{x[0].matmul(x[1].t())}; }, 1e-5);
  }
}

/// Runs `compute` on every path that this processor has.
template <class Compute>
void on_every_path(const Compute& compute) {
  const CpuPath before = cpu_path();
  for (const CpuPath path : kCpuPaths) {
    if (!can_run(path)) continue;
    use_cpu_path(path);
    compute(path);
  }
  use_cpu_path(before);
}

TEST(Products, BlockProductOnEveryPath) {
  struct Shape {
    int64_t m, n, k;
  };
  for (const auto& [m, n, k] : {Shape{1, 1, 1}, Shape{64, 64, 64}, Shape{7, 33, 130}, Shape{70, 5, 64},
                                Shape{6, 16, 1}, Shape{11, 47, 65}}) {
    // Rows lie further apart than they are long, and what is between them must stay.
    const torch::Tensor a = at::randn({m, k + 3}), b = at::randn({k, n + 5}), start = at::randn({m, n + 2});
    for (const bool accumulate : {false, true}) {
      torch::Tensor expected = start.to(torch::kDouble).clone();
      const torch::Tensor product =
          a.narrow(1, 0, k).to(torch::kDouble).matmul(b.narrow(1, 0, n).to(torch::kDouble));
      torch::Tensor inside = expected.narrow(1, 0, n);
      if (!accumulate) inside.zero_();
      inside += product;
      on_every_path([&](CpuPath path) {
        const torch::Tensor c = start.clone();
        kernels::block_product(m, n, k, a.const_data_ptr<float>(), k + 3, b.const_data_ptr<float>(), n + 5,
                               c.mutable_data_ptr<float>(), n + 2, accumulate);
        EXPECT_LT(max_difference(c, expected), 1e-6 * static_cast<double>(k + 10))
            << name_of(path) << " " << m << "x" << n << "x" << k;
        EXPECT_TRUE(at::equal(c.narrow(1, n, 2), start.narrow(1, n, 2))) << name_of(path);
      });
    }
  }
}

TEST(Products, Bf16LinearRoundsOnceWithOrWithoutInstructions) {
  const auto bf16 = [](const torch::Tensor& x) { return x.to(torch::kBFloat16); };
  const torch::Tensor x0 = bf16(at::randn({2, 35, 48})), w0 = bf16(at::randn({40, 48})),
                      y_grad = bf16(at::randn({2, 35, 40}));
  const auto exact = [](const torch::Tensor& t) { return t.to(torch::kDouble); };
  const torch::Tensor y = exact(x0).matmul(exact(w0).t()), x_grad = exact(y_grad).matmul(exact(w0)),
                      w_grad = exact(y_grad).flatten(0, 1).t().matmul(exact(x0).flatten(0, 1));
  on_every_path([&](CpuPath path) {
    const torch::Tensor x = x0.clone().requires_grad_(true), w = w0.clone().requires_grad_(true);
    const torch::Tensor found = apply_linear(x, w);
    found.backward(y_grad);
    EXPECT_EQ(found.scalar_type(), torch::kBFloat16);
    // A bf16 has 8 significant bits: half a unit in the last place is at most 2^-8 of the number. Sums that
    // cancel carry float32's rounding besides.
    const auto off = [&](const torch::Tensor& rounded, const torch::Tensor& value) {
      return at::max((rounded.to(torch::kDouble) - value).abs() - value.abs() / 256).item<double>();
    };
    EXPECT_LT(off(found, y), 1e-5) << name_of(path);
    EXPECT_LT(off(x.grad(), x_grad), 1e-5) << name_of(path);
    EXPECT_LT(off(w.grad(), w_grad), 1e-5) << name_of(path);
  });
}

}  // namespace
}  // namespace golf::test
