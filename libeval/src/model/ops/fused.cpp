// The autograd functions over the CPU kernels.

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "golf/model/cpu_path.h"
#include "golf/model/loss.h"
#include "model/kernels/kernels.h"
#include "model/ops.h"
#include "model/ops/paths.h"

namespace golf::fused {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

const float* data(const torch::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }
float* mutable_data(const torch::Tensor& t) { return t.defined() ? t.mutable_data_ptr<float>() : nullptr; }

/// A gradient as the kernels read it; undefined stays undefined.
torch::Tensor contiguous(const torch::Tensor& gradient) {
  return gradient.defined() ? gradient.contiguous() : gradient;
}

kernels::WeightedSum weighted_sum_input(const torch::Tensor& coefficients, const torch::Tensor& x,
                                        const torch::Tensor& y, double norm_scale) {
  const int64_t width = x.size(-1);
  const bool has_a = coefficients.dim() == 2;
  return {.rows = x.numel() / width,
          .width = width,
          .norm_scale = static_cast<float>(norm_scale),
          .a = has_a ? data(coefficients) : nullptr,
          .x = data(x),
          .b = data(coefficients) + (has_a ? width : 0),
          .y = data(y)};
}

/// Outputs: the stream and, with a norm, its norm times `norm_scale`.
class WeightedSumFunction : public Function<WeightedSumFunction> {
 public:
  static variable_list forward(AutogradContext* ctx, const torch::Tensor& coefficients,
                               const torch::Tensor& x, const torch::Tensor& y, bool with_norm,
                               double norm_scale) {
    const torch::Tensor stream = at::empty_like(x);
    const torch::Tensor normed = with_norm ? at::empty_like(x) : torch::Tensor();
    const torch::Tensor inverse_rms =
        with_norm ? at::empty({x.numel() / x.size(-1)}, x.options()) : torch::Tensor();
    kernels::weighted_sum(weighted_sum_input(coefficients, x, y, norm_scale), mutable_data(stream),
                          mutable_data(normed), mutable_data(inverse_rms), at::get_num_threads());
    ctx->set_materialize_grads(false);
    if (!with_norm) {
      ctx->save_for_backward({coefficients, x, y});
      return {stream};
    }
    ctx->save_for_backward({coefficients, x, y, stream, inverse_rms});
    ctx->saved_data["norm_scale"] = norm_scale;
    return {stream, normed};
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &coefficients = saved[0], &x = saved[1], &y = saved[2];
    const bool with_norm = saved.size() > 3;
    const torch::Tensor stream_grad = contiguous(gradients[0]);
    const torch::Tensor normed_grad = with_norm ? contiguous(gradients[1]) : torch::Tensor();
    if (!stream_grad.defined() && !normed_grad.defined()) return {{}, {}, {}, {}, {}};
    const torch::Tensor x_grad = at::empty_like(x), y_grad = at::empty_like(y);
    const torch::Tensor coefficients_grad =
        ctx->needs_input_grad(0) ? at::empty_like(coefficients) : torch::Tensor();
    float* a_grad = mutable_data(coefficients_grad);
    float* b_grad = a_grad;
    if (coefficients.dim() == 2) {
      if (b_grad != nullptr) b_grad += x.size(-1);
    } else {
      a_grad = nullptr;
    }
    const double norm_scale = with_norm ? ctx->saved_data["norm_scale"].toDouble() : 1.0;
    kernels::weighted_sum_backward(weighted_sum_input(coefficients, x, y, norm_scale),
                                   {.stream_grad = data(stream_grad),
                                    .normed_grad = data(normed_grad),
                                    .stream = with_norm ? data(saved[3]) : nullptr,
                                    .inverse_rms = with_norm ? data(saved[4]) : nullptr,
                                    .x_grad = mutable_data(x_grad),
                                    .y_grad = mutable_data(y_grad),
                                    .a_grad = a_grad,
                                    .b_grad = b_grad},
                                   at::get_num_threads());
    return {coefficients_grad, x_grad, y_grad, {}, {}};
  }
};

class RmsNormFunction : public Function<RmsNormFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x, double scale) {
    const int64_t width = x.size(-1), rows = x.numel() / width;
    const torch::Tensor normed = at::empty_like(x), inverse_rms = at::empty({rows}, x.options());
    ctx->saved_data["scale"] = scale;
    kernels::rms_norm(rows, width, static_cast<float>(scale), data(x), mutable_data(normed),
                      mutable_data(inverse_rms), at::get_num_threads());
    ctx->save_for_backward({x, inverse_rms});
    return normed;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &x = saved[0], x_grad = at::empty_like(x), gradient = gradients[0].contiguous();
    const auto scale = static_cast<float>(ctx->saved_data["scale"].toDouble());
    kernels::rms_norm_backward(x.numel() / x.size(-1), x.size(-1), scale, data(x), data(saved[1]),
                               data(gradient), mutable_data(x_grad), at::get_num_threads());
    return {x_grad, {}};
  }
};

class LeakyReluSquaredFunction : public Function<LeakyReluSquaredFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x, double slope) {
    const torch::Tensor y = at::empty_like(x);
    kernels::leaky_relu_squared(x.numel(), static_cast<float>(slope), data(x), mutable_data(y),
                                at::get_num_threads());
    ctx->save_for_backward({x});
    ctx->saved_data["slope"] = slope;
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const torch::Tensor x = ctx->get_saved_variables()[0], gradient = gradients[0].contiguous();
    const torch::Tensor x_grad = at::empty_like(x);
    const auto slope = static_cast<float>(ctx->saved_data["slope"].toDouble());
    kernels::leaky_relu_squared_backward(x.numel(), slope, data(x), data(gradient), mutable_data(x_grad),
                                         at::get_num_threads());
    return {x_grad, {}};
  }
};

kernels::QkNormRotary rotary_input(const torch::Tensor& x_BTHK, const torch::Tensor& cos,
                                   const torch::Tensor& sin, const torch::Tensor& gain) {
  return {.rows = x_BTHK.size(0) * x_BTHK.size(1),
          .length = x_BTHK.size(1),
          .heads = x_BTHK.size(2),
          .head_dim = x_BTHK.size(3),
          .pairs = cos.size(1),
          .cos = data(cos),
          .sin = data(sin),
          .gain = data(gain),
          .x = data(x_BTHK)};
}

class QkNormRotaryFunction : public Function<QkNormRotaryFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x_BTHK, const torch::Tensor& cos,
                               const torch::Tensor& sin, const std::optional<torch::Tensor>& gain_H) {
    const torch::Tensor y = at::empty_like(x_BTHK), gain = gain_H.value_or(torch::Tensor());
    kernels::qk_norm_rotary(rotary_input(x_BTHK, cos, sin, gain), mutable_data(y), at::get_num_threads());
    ctx->save_for_backward({x_BTHK, cos, sin, gain});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &x = saved[0], &gain = saved[3], gradient = gradients[0].contiguous();
    const torch::Tensor x_grad = at::empty_like(x);
    const torch::Tensor gain_grad = gain.defined() ? at::empty_like(gain) : torch::Tensor();
    kernels::qk_norm_rotary_backward(rotary_input(x, saved[1], saved[2], gain), data(gradient),
                                     mutable_data(x_grad), mutable_data(gain_grad), at::get_num_threads());
    return {x_grad, {}, {}, gain_grad};
  }
};

kernels::ExclusiveAttention exclusive_input(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK) {
  return {.rows = y_BTHK.size(0) * y_BTHK.size(1),
          .heads = y_BTHK.size(2),
          .kv_heads = v_BTGK.size(2),
          .head_dim = y_BTHK.size(3),
          .y = data(y_BTHK),
          .v = data(v_BTGK)};
}

class ExclusiveAttentionFunction : public Function<ExclusiveAttentionFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& y_BTHK,
                               const torch::Tensor& v_BTGK) {
    const torch::Tensor z = at::empty_like(y_BTHK);
    kernels::exclusive_attention(exclusive_input(y_BTHK, v_BTGK), mutable_data(z), at::get_num_threads());
    ctx->save_for_backward({y_BTHK, v_BTGK});
    return z;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &y = saved[0], &v = saved[1], z_grad = gradients[0].contiguous();
    const torch::Tensor y_grad = at::empty_like(y), v_grad = at::empty_like(v);
    kernels::exclusive_attention_backward(exclusive_input(y, v), data(z_grad), mutable_data(y_grad),
                                          mutable_data(v_grad), at::get_num_threads());
    return {y_grad, v_grad};
  }
};

class ScaleHeadsFunction : public Function<ScaleHeadsFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& y_BTHK,
                               const torch::Tensor& gate_BTH) {
    const torch::Tensor out = at::empty_like(y_BTHK);
    kernels::scale_heads(gate_BTH.numel(), y_BTHK.size(-1), data(y_BTHK), data(gate_BTH), mutable_data(out),
                         at::get_num_threads());
    ctx->save_for_backward({y_BTHK, gate_BTH});
    return out;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &y = saved[0], &gate = saved[1], out_grad = gradients[0].contiguous();
    const torch::Tensor y_grad = at::empty_like(y), gate_grad = at::empty_like(gate);
    kernels::scale_heads_backward(gate.numel(), y.size(-1), data(y), data(gate), data(out_grad),
                                  mutable_data(y_grad), mutable_data(gate_grad), at::get_num_threads());
    return {y_grad, gate_grad};
  }
};

kernels::SoftcapRows softcap_input(const torch::Tensor& scores_BTV, double cap,
                                   const torch::Tensor& targets_BT) {
  check_targets(targets_BT, scores_BTV.size(-1));  // the kernel reads their scores unchecked
  return {.rows = targets_BT.numel(),
          .classes = scores_BTV.size(-1),
          .cap = cap,
          .scores = data(scores_BTV),
          .targets = targets_BT.const_data_ptr<int64_t>()};
}

/// The gradient of the scores is computed with the loss, in the same pass over the vocabulary.
class SoftcappedNllFunction : public Function<SoftcappedNllFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& scores_BTV, double cap,
                               const torch::Tensor& targets_BT) {
    const kernels::SoftcapRows in = softcap_input(scores_BTV, cap, targets_BT);
    const torch::Tensor nll_BT = at::empty(targets_BT.sizes(), scores_BTV.options());
    if (scores_BTV.requires_grad()) {
      const torch::Tensor scores_grad = at::empty_like(scores_BTV);
      kernels::softcap_nll_with_gradient(in, mutable_data(nll_BT), mutable_data(scores_grad),
                                         at::get_num_threads());
      ctx->save_for_backward({scores_grad});
    } else {
      kernels::softcap_nll(in, mutable_data(nll_BT), nullptr, at::get_num_threads());
    }
    return nll_BT;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const torch::Tensor scores_grad = ctx->get_saved_variables()[0];
    return {scores_grad * gradients[0].unsqueeze(-1), {}, {}};
  }
};

}  // namespace

bool has_kernels() { return cpu_path() != CpuPath::kLibTorch; }

StreamAndNorm weighted_sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                                    const torch::Tensor& y, double norm_scale) {
  const variable_list out =
      WeightedSumFunction::apply(coefficients.contiguous(), x.contiguous(), y.contiguous(), true, norm_scale);
  return {out[0], out[1]};
}

torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  return WeightedSumFunction::apply(coefficients.contiguous(), x.contiguous(), y.contiguous(), false, 1.0)[0];
}

torch::Tensor rms_norm(const torch::Tensor& x, double scale) {
  return RmsNormFunction::apply(x.contiguous(), scale);
}

torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope) {
  return LeakyReluSquaredFunction::apply(x.contiguous(), slope);
}

torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK) {
  return ExclusiveAttentionFunction::apply(y_BTHK.contiguous(), v_BTGK.contiguous());
}

torch::Tensor scale_heads(const torch::Tensor& y_BTHK, const torch::Tensor& gate_BTH) {
  return ScaleHeadsFunction::apply(y_BTHK.contiguous(), gate_BTH.contiguous());
}

torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H) {
  return QkNormRotaryFunction::apply(x_BTHK.contiguous(), angles.cos_TR, angles.sin_TR, gain_H);
}

torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT) {
  return SoftcappedNllFunction::apply(scores_BTV.contiguous(), cap, targets_BT.contiguous());
}

PositionScores softcapped_scores(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT,
                                 bool with_entropy) {
  const torch::Tensor scores = scores_BTV.detach().contiguous(), targets = targets_BT.contiguous();
  PositionScores out;
  out.nll_BT = at::empty(targets.sizes(), scores.options());
  if (with_entropy) out.entropy_BT = at::empty(targets.sizes(), scores.options());
  kernels::softcap_nll(softcap_input(scores, cap, targets), mutable_data(out.nll_BT),
                       mutable_data(out.entropy_BT), at::get_num_threads());
  return out;
}

}  // namespace golf::fused
