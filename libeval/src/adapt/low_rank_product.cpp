#include "adapt/low_rank_product.h"

#include <torch/csrc/autograd/custom_function.h>

namespace golf {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class LowRankProductFunction : public Function<LowRankProductFunction> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& y_NTO, const at::Tensor& x_NTI,
                            const at::Tensor& a_NRI, const at::Tensor& b_NOR, double scale) {
    const at::Tensor inner_NTR = at::bmm(x_NTI, a_NRI.transpose(1, 2));
    ctx->save_for_backward({x_NTI, a_NRI, b_NOR, inner_NTR});
    ctx->saved_data["scale"] = scale;
    return at::baddbmm(y_NTO, inner_NTR, b_NOR.transpose(1, 2), /*beta=*/1, /*alpha=*/scale);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &x_NTI = saved[0], &a_NRI = saved[1], &b_NOR = saved[2], &inner_NTR = saved[3];
    const double scale = ctx->saved_data["scale"].toDouble();
    const at::Tensor &y_grad = gradients[0], scaled_inner = inner_NTR * scale;
    const at::Tensor inner_grad = at::bmm(y_grad, b_NOR) * scale;
    variable_list result = {y_grad, {}, {}, {}, {}};
    if (ctx->needs_input_grad(1)) result[1] = at::bmm(inner_grad, a_NRI);
    if (ctx->needs_input_grad(2)) result[2] = at::bmm(inner_grad.transpose(1, 2), x_NTI);
    if (ctx->needs_input_grad(3)) result[3] = at::bmm(y_grad.transpose(1, 2), scaled_inner);
    return result;
  }
};

}  // namespace

at::Tensor add_low_rank_product(const at::Tensor& y_NTO, const at::Tensor& x_NTI, const at::Tensor& a_NRI,
                                const at::Tensor& b_NOR, double scale) {
  return LowRankProductFunction::apply(y_NTO, x_NTI, a_NRI, b_NOR, scale);
}

}  // namespace golf
