// The GPU kernels that work on rows: residual stream and norms, the MLP's activation, and the loss.

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "golf/model/loss.h"
#include "model/ops.h"
#include "model/ops/cuda_launch.h"
#include "model/ops/cuda_path.h"

namespace golf::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kWidestRow = 1024;
MixNormArgs mix_norm_input(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y,
                           double norm_scale) {
  const int64_t width = x.size(-1);
  const bool has_a = coefficients.defined() && coefficients.dim() == 2;
  return {.rows = x.numel() / width,
          .width = static_cast<int>(width),
          .norm_scale = static_cast<float>(norm_scale),
          .a = has_a ? data<float>(coefficients) : nullptr,
          .x = data<float>(x),
          .b = coefficients.defined() ? data<float>(coefficients) + (has_a ? width : 0) : nullptr,
          .y = data(y),
          .stream = nullptr,
          .normed = nullptr,
          .inverse_rms = nullptr};
}

std::string mix_norm_name(const char* kernel, int64_t width, const torch::Tensor& y,
                          torch::ScalarType norm_dtype) {
  const torch::ScalarType y_dtype = y.defined() ? y.scalar_type() : torch::kFloat;
  return fmt::format("{}<{}, {}, {}>", kernel, quads_of(width), type_name(y_dtype), type_name(norm_dtype));
}

/// Outputs: the stream (when it is a sum) and, with a norm, its norm. Without coefficients and y it is the
/// norm alone.
class MixNormFunction : public Function<MixNormFunction> {
 public:
  static variable_list forward(AutogradContext* ctx, const torch::Tensor& x,
                               const std::optional<torch::Tensor>& factors,
                               const std::optional<torch::Tensor>& addend, bool with_norm, double norm_scale,
                               int64_t norm_type) {
    const auto norm_dtype = static_cast<torch::ScalarType>(norm_type);
    const torch::Tensor coefficients = factors.value_or(torch::Tensor()),
                        y = addend.value_or(torch::Tensor());
    const torch::Tensor stream = empty_if(y.defined(), x);
    const torch::Tensor normed =
        with_norm ? at::empty_like(x, x.options().dtype(norm_dtype)) : torch::Tensor();
    const torch::Tensor inverse_rms =
        with_norm ? at::empty({x.numel() / x.size(-1)}, x.options()) : torch::Tensor();
    MixNormArgs in = mix_norm_input(coefficients, x, y, norm_scale);
    in.stream = mutable_data<float>(stream);
    in.normed = mutable_data(normed);
    in.inverse_rms = mutable_data<float>(inverse_rms);
    launch(x.device(), mix_norm_name("mix_norm", in.width, y, norm_dtype), divide_up(in.rows, kWarpsPerBlock),
           &in);
    ctx->set_materialize_grads(false);
    ctx->save_for_backward({x, coefficients, y, inverse_rms});
    ctx->saved_data["norm_scale"] = norm_scale;
    ctx->saved_data["norm_type"] = norm_type;
    variable_list out;
    if (stream.defined()) out.push_back(stream);
    if (normed.defined()) out.push_back(normed);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &x = saved[0], &coefficients = saved[1], &y = saved[2], &inverse_rms = saved[3];
    const torch::Tensor stream_grad = y.defined() ? readable(gradients[0]) : torch::Tensor();
    const torch::Tensor normed_grad = inverse_rms.defined() ? readable(gradients.back()) : torch::Tensor();
    if (!stream_grad.defined() && !normed_grad.defined()) return variable_list(6);
    const auto norm_dtype = static_cast<torch::ScalarType>(ctx->saved_data["norm_type"].toInt());
    MixNormGradArgs grad{.in = mix_norm_input(coefficients, x, y, ctx->saved_data["norm_scale"].toDouble()),
                         .stream_grad = data<float>(stream_grad),
                         .normed_grad = data(normed_grad),
                         .x_grad = nullptr,
                         .y_grad = nullptr,
                         .a_sums = nullptr,
                         .b_sums = nullptr};
    grad.in.inverse_rms = mutable_data<float>(inverse_rms);
    const int64_t blocks = std::min(divide_up(grad.in.rows, kWarpsPerBlock), kSummingBlocks);
    // x + b ⊙ y without a norm passes the stream's gradient on as it is.
    const bool passes_on = grad.in.a == nullptr && !normed_grad.defined();
    const torch::Tensor x_grad = passes_on ? stream_grad : at::empty_like(x),
                        y_grad = empty_if(y.defined(), y);
    torch::Tensor sums;  // [coefficients, blocks, width]
    if (coefficients.defined() && ctx->needs_input_grad(1)) {
      const int64_t width = x.size(-1), parts = coefficients.numel() / width;
      sums = at::empty({parts, blocks, width}, coefficients.options());
      grad.b_sums = mutable_data<float>(sums) + (parts - 1) * blocks * width;
      if (parts == 2) grad.a_sums = mutable_data<float>(sums);
    }
    grad.x_grad = passes_on ? nullptr : mutable_data<float>(x_grad);
    grad.y_grad = mutable_data(y_grad);
    launch(x.device(), mix_norm_name("mix_norm_grad", grad.in.width, y, norm_dtype), blocks, &grad);
    const torch::Tensor coefficients_grad =
        sums.defined() ? sums.sum(1).view(coefficients.sizes()) : torch::Tensor();
    return {x_grad, coefficients_grad, y_grad, {}, {}, {}};
  }
};

void launch_activation(const char* kernel, const torch::Tensor& x, const torch::Tensor& y_grad, double slope,
                       const torch::Tensor& out) {
  const LeakyReluSquaredArgs in{.count = x.numel(),
                                .slope = static_cast<float>(slope),
                                .x = data(x),
                                .y_grad = data(y_grad),
                                .out = mutable_data(out)};
  constexpr int64_t kMostBlocks = 1 << 16;
  const int64_t blocks = std::clamp<int64_t>(divide_up(in.count, 4 * kThreadsPerBlock), 1, kMostBlocks);
  launch(x.device(), fmt::format("{}<{}>", kernel, type_name(x.scalar_type())), blocks, &in);
}

class ActivationFunction : public Function<ActivationFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& x, double slope) {
    const torch::Tensor y = at::empty_like(x);
    launch_activation("leaky_relu_squared", x, {}, slope, y);
    ctx->save_for_backward({x});
    ctx->saved_data["slope"] = slope;
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const torch::Tensor x = ctx->get_saved_variables()[0], x_grad = at::empty_like(x);
    launch_activation("leaky_relu_squared_grad", x, readable(gradients[0]),
                      ctx->saved_data["slope"].toDouble(), x_grad);
    return {x_grad, {}};
  }
};

SoftcapNllArgs softcap_input(const torch::Tensor& scores, double cap, const torch::Tensor& targets) {
  return {.rows = targets.numel(),
          .classes = static_cast<int>(scores.size(-1)),
          .cap = static_cast<float>(cap),
          .scores = data(scores),
          .targets = data<long long>(targets),
          .nll = nullptr,
          .log_sum = nullptr,
          .entropy = nullptr,
          .nll_grad = nullptr,
          .scores_grad = nullptr};
}

struct RowScores {
  torch::Tensor nll, log_sum, entropy;
};
RowScores score_rows_on_gpu(const torch::Tensor& scores, double cap, const torch::Tensor& targets,
                            bool with_entropy) {
  RowScores out{
      .nll = at::empty(targets.sizes(), scores.options().dtype(torch::kFloat)), .log_sum = {}, .entropy = {}};
  out.log_sum = at::empty_like(out.nll);
  out.entropy = empty_if(with_entropy, out.nll);
  SoftcapNllArgs in = softcap_input(scores, cap, targets);
  in.nll = mutable_data<float>(out.nll);
  in.log_sum = mutable_data<float>(out.log_sum);
  in.entropy = mutable_data<float>(out.entropy);
  launch(scores.device(), fmt::format("softcap_nll<{}>", type_name(scores.scalar_type())), in.rows, &in);
  return out;
}

class SoftcapNllFunction : public Function<SoftcapNllFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& scores, double cap,
                               const torch::Tensor& targets) {
    const RowScores out = score_rows_on_gpu(scores, cap, targets, /*with_entropy=*/false);
    ctx->save_for_backward({scores, targets, out.log_sum});
    ctx->saved_data["cap"] = cap;
    return out.nll;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const torch::Tensor &scores = saved[0], scores_grad = at::empty_like(scores),
                        nll_grad = readable(gradients[0]);
    SoftcapNllArgs in = softcap_input(scores, ctx->saved_data["cap"].toDouble(), saved[1]);
    in.log_sum = mutable_data<float>(saved[2]);
    in.nll_grad = data<float>(nll_grad);
    in.scores_grad = mutable_data(scores_grad);
    launch(scores.device(), fmt::format("softcap_nll_grad<{}>", type_name(scores.scalar_type())), in.rows,
           &in);
    return {scores_grad, {}, {}};
  }
};

}  // namespace

bool takes_elements(const torch::Tensor& x) {
  return (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16) && x.numel() > 0 &&
         has_kernels(x.device());
}

bool takes_rows(const torch::Tensor& x) { return x.size(-1) <= kWidestRow && takes_elements(x); }

StreamAndNorm weighted_sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                                    const torch::Tensor& y, double norm_scale, torch::ScalarType norm_dtype) {
  const variable_list out =
      MixNormFunction::apply(readable(x), std::optional(readable(coefficients)), std::optional(readable(y)),
                             true, norm_scale, static_cast<int64_t>(norm_dtype));
  return {out[0], out[1]};
}

torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  return MixNormFunction::apply(readable(x), std::optional(readable(coefficients)),
                                std::optional(readable(y)), false, 1.0,
                                static_cast<int64_t>(torch::kFloat))[0];
}

torch::Tensor rms_norm(const torch::Tensor& x, double scale, torch::ScalarType norm_dtype) {
  return MixNormFunction::apply(readable(x), std::optional<torch::Tensor>(), std::optional<torch::Tensor>(),
                                true, scale, static_cast<int64_t>(norm_dtype))[0];
}

torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope) {
  return ActivationFunction::apply(readable(x), slope);
}

torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT) {
  return SoftcapNllFunction::apply(readable(scores_BTV), cap, readable(targets_BT));
}

PositionScores softcapped_scores(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT,
                                 bool with_entropy) {
  const RowScores out =
      score_rows_on_gpu(readable(scores_BTV.detach()), cap, readable(targets_BT), with_entropy);
  return {out.nll, out.entropy};
}

}  // namespace golf::cuda
