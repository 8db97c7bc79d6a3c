// The GPU kernels that work head by head: queries and keys before attention, and what follows it.

#include <torch/csrc/autograd/custom_function.h>

#include "model/ops/cuda_launch.h"
#include "model/ops/cuda_path.h"

namespace golf::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kLargestHead = 128;
constexpr int64_t kHeadsPerWarp = 4;  ///< as in kernels/heads.cu

std::string head_kernel_name(const char* kernel, const torch::Tensor& x) {
  const int64_t head_dim = x.size(-1);
  const int slots = head_dim <= 32 ? 1 : head_dim <= 64 ? 2 : 4;
  return fmt::format("{}<{}, {}>", kernel, slots, type_name(x.scalar_type()));
}

QkNormRotaryArgs qk_input(const torch::Tensor& x_BTHK, const torch::Tensor& cos, const torch::Tensor& sin,
                          const torch::Tensor& gain) {
  return {.heads_in_all = x_BTHK.numel() / x_BTHK.size(3),
          .length = static_cast<int>(x_BTHK.size(1)),
          .heads = static_cast<int>(x_BTHK.size(2)),
          .head_dim = static_cast<int>(x_BTHK.size(3)),
          .pairs = static_cast<int>(cos.size(1)),
          .cos = data<float>(cos),
          .sin = data<float>(sin),
          .gain = data<float>(gain),
          .x = data(x_BTHK),
          .y_grad = nullptr,
          .out = nullptr,
          .similarities = nullptr};
}

int64_t qk_blocks(const QkNormRotaryArgs& in) {
  return divide_up(in.heads_in_all, kHeadsPerWarp * kWarpsPerBlock);
}

class QkFunction : public Function<QkFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x_BTHK,
                               const std::optional<torch::Tensor>& gain_H, const torch::Tensor& cos,
                               const torch::Tensor& sin) {
    const torch::Tensor gain = gain_H.value_or(torch::Tensor());
    const torch::Tensor y = at::empty_like(x_BTHK);
    QkNormRotaryArgs in = qk_input(x_BTHK, cos, sin, gain);
    in.out = mutable_data(y);
    launch(x_BTHK.device(), head_kernel_name("qk_norm_rotary", x_BTHK), qk_blocks(in), &in);
    ctx->save_for_backward({x_BTHK, gain, cos, sin});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &x = saved[0], &gain = saved[1], y_grad = readable(gradients[0]);
    const torch::Tensor x_grad = at::empty_like(x);
    QkNormRotaryArgs in = qk_input(x, saved[2], saved[3], gain);
    torch::Tensor similarities;  // [rows, heads]
    if (gain.defined()) similarities = at::empty({x.size(0) * x.size(1), x.size(2)}, gain.options());
    in.y_grad = data(y_grad);
    in.out = mutable_data(x_grad);
    in.similarities = mutable_data<float>(similarities);
    launch(x.device(), head_kernel_name("qk_norm_rotary_grad", x), qk_blocks(in), &in);
    return {x_grad, similarities.defined() ? similarities.sum(0) : torch::Tensor(), {}, {}};
  }
};

FinishHeadsArgs finish_input(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK,
                             const torch::Tensor& gate_BTH) {
  const int64_t heads = y_BTHK.size(2), kv_heads = v_BTGK.defined() ? v_BTGK.size(2) : heads;
  return {.kv_heads_in_all = y_BTHK.size(0) * y_BTHK.size(1) * kv_heads,
          .group = static_cast<int>(heads / kv_heads),
          .head_dim = static_cast<int>(y_BTHK.size(3)),
          .y = data(y_BTHK),
          .v = data(v_BTGK),
          .gate = data<float>(gate_BTH),
          .z_grad = nullptr,
          .out = nullptr,
          .v_grad = nullptr,
          .gate_grad = nullptr};
}

class FinishFunction : public Function<FinishFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& y_BTHK,
                               const std::optional<torch::Tensor>& values_BTGK,
                               const std::optional<torch::Tensor>& gates_BTH) {
    const torch::Tensor v_BTGK = values_BTGK.value_or(torch::Tensor());
    const torch::Tensor gate_BTH = gates_BTH.value_or(torch::Tensor());
    const torch::Tensor z = at::empty_like(y_BTHK);
    FinishHeadsArgs in = finish_input(y_BTHK, v_BTGK, gate_BTH);
    in.out = mutable_data(z);
    launch(z.device(), head_kernel_name("finish_heads", z), divide_up(in.kv_heads_in_all, kWarpsPerBlock),
           &in);
    ctx->save_for_backward({y_BTHK, v_BTGK, gate_BTH});
    return z;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &y = saved[0], &v = saved[1], &gate = saved[2], z_grad = readable(gradients[0]);
    const torch::Tensor y_grad = at::empty_like(y), v_grad = empty_if(v.defined(), v),
                        gate_grad = empty_if(gate.defined(), gate);
    FinishHeadsArgs in = finish_input(y, v, gate);
    in.z_grad = data(z_grad);
    in.out = mutable_data(y_grad);
    in.v_grad = mutable_data(v_grad);
    in.gate_grad = mutable_data<float>(gate_grad);
    launch(y.device(), head_kernel_name("finish_heads_grad", y),
           divide_up(in.kv_heads_in_all, kWarpsPerBlock), &in);
    return {y_grad, v_grad, gate_grad};
  }
};

}  // namespace

bool takes_heads(const torch::Tensor& x) { return x.size(-1) <= kLargestHead && takes_elements(x); }

torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H) {
  const auto gain = gain_H ? std::optional(readable(*gain_H)) : std::nullopt;
  return QkFunction::apply(readable(x_BTHK), gain, angles.cos_TR, angles.sin_TR);
}

torch::Tensor finish_heads(const torch::Tensor& y_BTHK, const std::optional<torch::Tensor>& v_BTGK,
                           const std::optional<torch::Tensor>& gate_BTH) {
  const auto v = v_BTGK ? std::optional(readable(v_BTGK->to(y_BTHK.scalar_type()))) : std::nullopt;
  const auto gate = gate_BTH ? std::optional(readable(gate_BTH->to(torch::kFloat))) : std::nullopt;
  return FinishFunction::apply(readable(y_BTHK), v, gate);
}

}  // namespace golf::cuda
