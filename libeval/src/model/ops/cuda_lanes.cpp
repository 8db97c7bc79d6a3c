// The GPU kernels of two lanes.

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "model/ops.h"
#include "model/ops/cuda_launch.h"
#include "model/ops/cuda_path.h"

namespace golf::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Of the saved tensors, in the order of the function's inputs.
WriteLanesArgs lanes_input(const variable_list& of) {
  const int64_t width = of[0].size(-1);
  return {.rows = of[0].numel() / width,
          .width = static_cast<int>(width),
          .lane0 = data<float>(of[0]),
          .lane1 = data<float>(of[1]),
          .attention = data(of[2]),
          .attention_scale = data<float>(of[3]),
          .mlp = data(of[4]),
          .mlp_scale = data<float>(of[5]),
          .post = data<float>(of[6]),
          .resid = data<float>(of[7]),
          .out0 = nullptr,
          .out1 = nullptr};
}

std::string lanes_name(const char* kernel, const variable_list& of) {
  return fmt::format("{}<{}, {}>", kernel, quads_of(of[0].size(-1)), type_name(of[2].scalar_type()));
}

class WriteLanesFunction : public Function<WriteLanesFunction> {
 public:
  static variable_list forward(AutogradContext* ctx, const torch::Tensor& lane0, const torch::Tensor& lane1,
                               const torch::Tensor& attention, const torch::Tensor& attention_scale,
                               const torch::Tensor& mlp, const torch::Tensor& mlp_scale,
                               const torch::Tensor& post, const torch::Tensor& resid) {
    const variable_list of = {lane0, lane1, attention, attention_scale, mlp, mlp_scale, post, resid};
    const torch::Tensor out0 = at::empty_like(lane0), out1 = at::empty_like(lane1);
    WriteLanesArgs in = lanes_input(of);
    in.out0 = mutable_data<float>(out0);
    in.out1 = mutable_data<float>(out1);
    launch(lane0.device(), lanes_name("write_lanes", of), divide_up(in.rows, kWarpsPerBlock), &in);
    ctx->set_materialize_grads(false);
    ctx->save_for_backward(of);
    return {out0, out1};
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list of = ctx->get_saved_variables();
    const torch::Tensor out0_grad = readable(gradients[0]), out1_grad = readable(gradients[1]);
    const torch::Tensor lane0_grad = at::empty_like(of[0]), lane1_grad = at::empty_like(of[1]),
                        attention_grad = at::empty_like(of[2]), mlp_grad = at::empty_like(of[4]);
    WriteLanesGradArgs grad{.in = lanes_input(of),
                            .out0_grad = data<float>(out0_grad),
                            .out1_grad = data<float>(out1_grad),
                            .attention_grad = mutable_data(attention_grad),
                            .mlp_grad = mutable_data(mlp_grad),
                            .sums = nullptr};
    grad.in.out0 = mutable_data<float>(lane0_grad);
    grad.in.out1 = mutable_data<float>(lane1_grad);
    const int64_t blocks = std::min(divide_up(grad.in.rows, kWarpsPerBlock), kSummingBlocks);
    const torch::Tensor block_sums = at::empty({6, blocks, grad.in.width}, of[0].options());
    grad.sums = mutable_data<float>(block_sums);
    launch(of[0].device(), lanes_name("write_lanes_grad", of), blocks, &grad);
    const torch::Tensor sums = block_sums.sum(1);  // [6, width]
    const torch::Tensor attention_sums = sums.narrow(0, 0, 2), mlp_sums = sums.narrow(0, 2, 2), post = of[6];
    const torch::Tensor attention_scale_grad = (post[0].unsqueeze(1) * attention_sums).sum(0),
                        mlp_scale_grad = (post[1].unsqueeze(1) * mlp_sums).sum(0);
    const torch::Tensor post_grad = at::stack({(attention_sums * of[3]).sum(1), (mlp_sums * of[5]).sum(1)});
    return {lane0_grad, lane1_grad,     attention_grad, attention_scale_grad,
            mlp_grad,   mlp_scale_grad, post_grad,      sums.narrow(0, 4, 2).sum(1)};
  }
};

}  // namespace

LanePair write_lanes(const LaneParts& parts) {
  const variable_list out = WriteLanesFunction::apply(
      readable(parts.lane0_BTD), readable(parts.lane1_BTD), readable(parts.attention_BTD),
      readable(parts.attention_scale_D), readable(parts.mlp_BTD), readable(parts.mlp_scale_D),
      readable(parts.post_22), readable(parts.resid_2));
  return {out[0], out[1]};
}

}  // namespace golf::cuda
