// The matrix products: linear layers through oneDNN, attention through its block products.
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/CPUBlas.h>
#include <torch/csrc/autograd/custom_function.h>

#include "golf/model/cpu_path.h"
#include "model/kernels/kernels.h"
#include "model/ops/paths.h"

namespace golf::fused {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

using Scalars = c10::List<std::optional<at::Scalar>>;
using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                   std::string_view, Scalars, std::optional<std::string_view>);

/// torch's binding of oneDNN's product for plain tensors. It is an operator, not a public function, and a
/// LibTorch without oneDNN lacks it.
const std::optional<c10::OperatorHandle>& linear_operator() {
  static const std::optional<c10::OperatorHandle> op =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return op;
}

/// x · weightᵀ in float32, in the dtype of x: bf16 is exact in float32, and the result is rounded once.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight) {
  static const auto op = linear_operator()->typed<LinearPointwise>();
  return op.call(x.to(torch::kFloat), weight.to(torch::kFloat), std::nullopt, "none", Scalars(), "")
      .to(x.scalar_type());
}

/// y_gradᵀ · x for [N, out] and [N, in]. oneDNN first copies both transposed, on one thread; MKL does not,
/// which makes it 1.1 to 1.9 times as fast on AVX2. On AVX-512 its product is too slow for that to pay.
torch::Tensor weight_gradient(const torch::Tensor& y_grad, const torch::Tensor& x) {
  if (cpu_path() == CpuPath::kAvx512) return product(y_grad.t(), x.t());
  return at::mm(y_grad.t().to(torch::kFloat), x.to(torch::kFloat)).to(x.scalar_type());
}

class LinearFunction : public Function<LinearFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x, const torch::Tensor& weight) {
    ctx->save_for_backward({x, weight});
    return product(x, weight);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &x = saved[0], &weight = saved[1], &y_grad = gradients[0];
    variable_list result(2);
    if (ctx->needs_input_grad(0)) result[0] = product(y_grad, weight.t());
    if (ctx->needs_input_grad(1)) result[1] = weight_gradient(y_grad.flatten(0, -2), x.flatten(0, -2));
    return result;
  }
};

/// oneDNN's block product, which runs on AVX-512 alone; elsewhere LibTorch would call MKL block by block.
void onednn_block_product(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                          int64_t b_row, float* c, int64_t c_row, bool accumulate) {
  at::native::cpublas::brgemm(m, n, k, a_row, b_row, c_row, accumulate, a, b, c);
}

kernels::CausalAttention attention_input(const torch::Tensor& q, const torch::Tensor& k,
                                         const torch::Tensor& v, int64_t window = 0) {
  return {
      .batch = q.size(0),
      .length = k.size(1),
      .queries = q.size(1),
      .window = window,
      .heads = q.size(2),
      .kv_heads = k.size(2),
      .head_dim = q.size(3),
      .q = q.const_data_ptr<float>(),
      .k = k.const_data_ptr<float>(),
      .v = v.const_data_ptr<float>(),
      .gemm = cpu_path() == CpuPath::kAvx512 && has_linear() ? onednn_block_product : kernels::block_product};
}

class CausalAttentionFunction : public Function<CausalAttentionFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v) {
    const torch::Tensor y = at::empty_like(q);
    const torch::Tensor log_sums = at::empty({q.size(0), q.size(2), q.size(1)}, q.options());
    kernels::causal_attention(attention_input(q, k, v), y.mutable_data_ptr<float>(),
                              log_sums.mutable_data_ptr<float>(), at::get_num_threads());
    ctx->save_for_backward({q, k, v, y, log_sums});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &q = saved[0], &k = saved[1], &v = saved[2], &y = saved[3], &log_sums = saved[4];
    const torch::Tensor y_grad = gradients[0].contiguous();
    const torch::Tensor q_grad = at::empty_like(q), k_grad = at::empty_like(k), v_grad = at::empty_like(v);
    kernels::causal_attention_backward(attention_input(q, k, v), y.const_data_ptr<float>(),
                                       log_sums.const_data_ptr<float>(), y_grad.const_data_ptr<float>(),
                                       q_grad.mutable_data_ptr<float>(), k_grad.mutable_data_ptr<float>(),
                                       v_grad.mutable_data_ptr<float>(), at::get_num_threads());
    return {q_grad, k_grad, v_grad};
  }
};

}  // namespace

bool has_linear() {
  return cpu_path() != CpuPath::kLibTorch && linear_operator().has_value() &&
         at::globalContext().userEnabledMkldnn();
}

torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight) {
  return LinearFunction::apply(x, weight);
}

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK) {
  return CausalAttentionFunction::apply(q_BTHK.contiguous(), k_BTGK.contiguous(), v_BTGK.contiguous());
}

torch::Tensor part_of_attention(const torch::Tensor& q_BSHK, const torch::Tensor& k_BTGK,
                                const torch::Tensor& v_BTGK, int64_t window) {
  const at::NoGradGuard no_grad;
  const torch::Tensor q = q_BSHK.contiguous(), k = k_BTGK.contiguous(), v = v_BTGK.contiguous();
  const torch::Tensor y = at::empty_like(q),
                      log_sums = at::empty({q.size(0), q.size(2), q.size(1)}, q.options());
  kernels::causal_attention(attention_input(q, k, v, window), y.mutable_data_ptr<float>(),
                            log_sums.mutable_data_ptr<float>(), at::get_num_threads());
  return y;
}

}  // namespace golf::fused
