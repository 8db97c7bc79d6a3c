#include "model/ops/flash_attention.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/_flash_attention_backward.h>
#include <ATen/ops/_flash_attention_forward.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/model/flash_attention.h"

namespace golf {
namespace flash {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// LibTorch's kernel on [positions, heads, K]. Its operator has no gradient of its own.
class VarlenFunction : public Function<VarlenFunction> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v, const torch::Tensor& bounds, int64_t longest) {
    const auto out =
        at::_flash_attention_forward(q, k, v, bounds, bounds, longest, longest, /*dropout_p=*/0.0,
                                     /*is_causal=*/true, /*return_debug_mask=*/false);
    ctx->save_for_backward(
        {q, k, v, bounds, std::get<0>(out), std::get<1>(out), std::get<2>(out), std::get<3>(out)});
    ctx->saved_data["longest"] = longest;
    return std::get<0>(out);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list s = ctx->get_saved_variables();
    const int64_t longest = ctx->saved_data["longest"].toInt();
    const auto grads =
        at::_flash_attention_backward(gradients[0].contiguous(), s[0], s[1], s[2], s[4], s[5], s[3], s[3],
                                      longest, longest, /*dropout_p=*/0.0, /*is_causal=*/true, s[6], s[7]);
    return {std::get<0>(grads), std::get<1>(grads), std::get<2>(grads), {}, {}};
  }
};

struct Operators {
  std::optional<c10::OperatorHandle> forward, backward;
};
Operators& loaded_operators() {
  static Operators operators;
  return operators;
}

using Arguments = std::map<std::string, c10::IValue>;

/// Calls an operator with arguments by name; the others keep their defaults. Versions of FlashAttention-3
/// differ in number and order.
torch::jit::Stack call(const c10::OperatorHandle& op, Arguments given) {
  torch::jit::Stack stack;
  for (const c10::Argument& argument : op.schema().arguments()) {
    const auto found = given.find(argument.name());
    if (found != given.end()) {
      stack.push_back(std::move(found->second));
      given.erase(found);
    } else if (argument.default_value()) {
      stack.push_back(*argument.default_value());
    } else {
      fail(ErrorCode::kUnsupported,
           fmt::format("{} wants an argument \"{}\": this version of FlashAttention-3 is not known",
                       op.schema().name(), argument.name()));
    }
  }
  if (!given.empty()) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{} has no argument \"{}\": this version of FlashAttention-3 is not known",
                     op.schema().name(), given.begin()->first));
  }
  op.callBoxed(stack);
  return stack;
}

/// What both directions are told. Without bounds tensors are [B, T, heads, K], else [positions, heads, K].
Arguments common_arguments(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                           const torch::Tensor& bounds, int64_t longest) {
  Arguments arguments = {{"q", q},
                         {"k", k},
                         {"v", v},
                         {"softmax_scale", 1.0 / std::sqrt(static_cast<double>(q.size(-1)))},
                         {"is_causal", true}};
  if (bounds.defined()) {
    arguments.insert({{"cu_seqlens_q", bounds},
                      {"cu_seqlens_k", bounds},
                      {"max_seqlen_q", longest},
                      {"max_seqlen_k", longest}});
  }
  return arguments;
}

class FlashAttention3Function : public Function<FlashAttention3Function> {
 public:
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& q, const torch::Tensor& k,
                               const torch::Tensor& v, const std::optional<torch::Tensor>& bounds,
                               int64_t longest) {
    const torch::Tensor some_bounds = bounds.value_or(torch::Tensor());
    const torch::jit::Stack out =
        call(*loaded_operators().forward, common_arguments(q, k, v, some_bounds, longest));
    const torch::Tensor y = out.at(0).toTensor(), log_sums = out.at(1).toTensor();
    ctx->save_for_backward({q, k, v, some_bounds, y, log_sums});
    ctx->saved_data["longest"] = longest;
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list s = ctx->get_saved_variables();
    Arguments arguments = common_arguments(s[0], s[1], s[2], s[3], ctx->saved_data["longest"].toInt());
    const torch::Tensor q_grad = at::empty_like(s[0]), k_grad = at::empty_like(s[1]),
                        v_grad = at::empty_like(s[2]);
    arguments.insert({{"dout", gradients[0].contiguous()},
                      {"out", s[4]},
                      {"softmax_lse", s[5]},
                      {"dq", q_grad},
                      {"dk", k_grad},
                      {"dv", v_grad},
                      {"deterministic", at::globalContext().deterministicAlgorithms()}});
    call(*loaded_operators().backward, std::move(arguments));
    return {q_grad, k_grad, v_grad, {}, {}};
  }
};

}  // namespace

bool takes(const torch::Tensor& q_BTHK) {
  const bool is_narrow = q_BTHK.scalar_type() == torch::kBFloat16 || q_BTHK.scalar_type() == torch::kHalf;
  return q_BTHK.is_cuda() && is_narrow && q_BTHK.size(-1) % 8 == 0 && q_BTHK.size(-1) <= 256 &&
         q_BTHK.numel() > 0;
}

bool takes_v3(const torch::Tensor& q_BTHK) { return loaded_operators().forward.has_value() && takes(q_BTHK); }

torch::Tensor attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK, const torch::Tensor& v_BTGK,
                        const Documents& documents) {
  const auto flat = [](const torch::Tensor& x) { return x.flatten(0, 1).contiguous(); };
  return VarlenFunction::apply(flat(q_BTHK), flat(k_BTGK), flat(v_BTGK), documents.on_device,
                               documents.longest)
      .view(q_BTHK.sizes());
}

torch::Tensor attention_v3(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                           const torch::Tensor& v_BTGK, const Documents& documents) {
  const bool rows = documents.are_rows();
  const auto shaped = [&](const torch::Tensor& x) { return (rows ? x : x.flatten(0, 1)).contiguous(); };
  const std::optional<torch::Tensor> bounds = rows ? std::nullopt : std::optional(documents.on_device);
  return FlashAttention3Function::apply(shaped(q_BTHK), shaped(k_BTGK), shaped(v_BTGK), bounds,
                                        documents.longest)
      .view(q_BTHK.sizes());
}

}  // namespace flash

void load_flash_attention(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    fail(ErrorCode::kIo, fmt::format("{}: no such file: give FlashAttention-3's library", printable(file)));
  }
  // Lazily, for the functions of Python that a wheel's library also refers to are not here and not called.
  if (::dlopen(std::filesystem::absolute(file).c_str(), RTLD_LAZY | RTLD_LOCAL) == nullptr) {
    const char* reason = ::dlerror();
    fail(ErrorCode::kUnsupported, fmt::format("{}: cannot be loaded: {}", printable(file),
                                              printable(reason == nullptr ? "no reason given" : reason)));
  }
  flash::Operators found;
  const auto find = [&](const char* name) {
    const auto op = c10::Dispatcher::singleton().findSchema({name, ""});
    if (!op) {
      fail(
          ErrorCode::kUnsupported,
          fmt::format(
              "{}: has no operator {}: give FlashAttention-3's library, flash_attn_3/_C.abi3.so of its wheel",
              printable(file), name));
    }
    return op;
  };
  found.forward = find("flash_attn_3::fwd");
  found.backward = find("flash_attn_3::bwd");
  flash::loaded_operators() = found;
}

}  // namespace golf
