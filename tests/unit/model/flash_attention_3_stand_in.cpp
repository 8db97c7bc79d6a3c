// A library with the operators of FlashAttention-3, in its schema (hopper/flash_api_stable.cpp) and for the
// CPU, that computes by the formula.
#include <torch/library.h>

namespace {

/// The arguments of a call, by name.
class Call {
 public:
  Call(const c10::OperatorHandle& op, const torch::jit::Stack& stack) : schema_(op.schema()), stack_(stack) {}
  const c10::IValue& operator[](const char* name) const {
    return stack_.at(static_cast<size_t>(*schema_.argumentIndexWithName(name)));
  }

 private:
  const c10::FunctionSchema& schema_;
  const torch::jit::Stack& stack_;
};

/// [positions, heads, K] of one document as [heads, positions, K], key/value heads repeated for their
/// queries.
torch::Tensor heads_first(const torch::Tensor& x, int64_t group = 1) {
  return x.transpose(0, 1).repeat_interleave(group, 0);
}

torch::Tensor weights(const torch::Tensor& q, const torch::Tensor& k, double scale) {
  const torch::Tensor mask = at::ones({q.size(1), q.size(1)}, torch::kBool).triu(1);
  return at::softmax((q.matmul(k.transpose(1, 2)) * scale).masked_fill(mask, -INFINITY), -1);
}

/// Calls use(document's positions) for the documents of tensors [B, T, ..] or, with bounds, [positions, ..].
template <class Use>
void for_documents(const Call& call, const Use& use) {
  const torch::Tensor q = call["q"].toTensor();
  TORCH_CHECK(call["is_causal"].toBool(), "not causal");
  if (call["cu_seqlens_q"].isNone()) {
    for (int64_t row = 0; row < q.size(0); ++row) use([row](const torch::Tensor& x) { return x[row]; });
    return;
  }
  const torch::Tensor bounds = call["cu_seqlens_q"].toTensor();
  TORCH_CHECK(bounds.scalar_type() == torch::kInt && q.dim() == 3, "int32 bounds of [positions, heads, K]");
  for (int64_t i = 0; i + 1 < bounds.numel(); ++i) {
    const int64_t first = bounds[i].item<int64_t>(), length = bounds[i + 1].item<int64_t>() - first;
    TORCH_CHECK(length <= call["max_seqlen_q"].toInt() && length <= call["max_seqlen_k"].toInt(),
                "max_seqlen");
    use([=](const torch::Tensor& x) { return x.narrow(0, first, length); });
  }
}

void forward(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const Call call(op, *stack);
  const torch::Tensor q = call["q"].toTensor(), k = call["k"].toTensor(), v = call["v"].toTensor();
  const int64_t group = q.size(-2) / k.size(-2);
  const torch::Tensor out = at::empty_like(q);
  for_documents(call, [&](const auto& part) {
    const torch::Tensor p =
        weights(heads_first(part(q)), heads_first(part(k), group), call["softmax_scale"].toDouble());
    part(out).copy_(p.matmul(heads_first(part(v), group)).transpose(0, 1));
  });
  *stack = {out, at::zeros({1}), at::Tensor(), at::Tensor()};
}

void backward(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const Call call(op, *stack);
  const torch::Tensor q = call["q"].toTensor(), k = call["k"].toTensor(), v = call["v"].toTensor(),
                      out_grad = call["dout"].toTensor();
  const int64_t group = q.size(-2) / k.size(-2);
  const double scale = call["softmax_scale"].toDouble();
  for_documents(call, [&](const auto& part) {
    const torch::Tensor queries = heads_first(part(q)), keys = heads_first(part(k), group),
                        values = heads_first(part(v), group), e = heads_first(part(out_grad));
    const torch::Tensor p = weights(queries, keys, scale), p_grad = e.matmul(values.transpose(1, 2));
    const torch::Tensor s_grad = p * (p_grad - (p_grad * p).sum(-1, true)) * scale;
    const auto shared = [&](const torch::Tensor& x) {  // the sum over the queries of a key/value head
      return x.unflatten(0, {-1, group}).sum(1).transpose(0, 1);
    };
    part(call["dq"].toTensor()).copy_(s_grad.matmul(keys).transpose(0, 1));
    part(call["dk"].toTensor()).copy_(shared(s_grad.transpose(1, 2).matmul(queries)));
    part(call["dv"].toTensor()).copy_(shared(p.transpose(1, 2).matmul(e)));
  });
  const torch::Tensor none = at::zeros({1});
  *stack = {call["dq"], call["dk"], call["dv"], none, none, none, none, none};
}

}  // namespace

TORCH_LIBRARY(flash_attn_3, m) {
  m.def(
      "fwd(Tensor q, Tensor k, Tensor v, Tensor(k_new!)? k_new = None, Tensor(v_new!)? v_new = None, Tensor? "
      "q_v = "
      "None, Tensor(out!)? out = None, Tensor? cu_seqlens_q = None, Tensor? cu_seqlens_k = None, Tensor? "
      "cu_seqlens_k_new = None, Tensor? seqused_q = None, Tensor? seqused_k = None, int? max_seqlen_q = "
      "None, int? "
      "max_seqlen_k = None, Tensor? page_table = None, Tensor? kv_batch_idx = None, Tensor? leftpad_k = "
      "None, "
      "Tensor? rotary_cos = None, Tensor? rotary_sin = None, Tensor? seqlens_rotary = None, Tensor? "
      "q_descale = "
      "None, Tensor? k_descale = None, Tensor? v_descale = None, float? softmax_scale = None, bool is_causal "
      "= "
      "False, int window_size_left = -1, int window_size_right = -1, int attention_chunk = 0, float softcap "
      "= 0.0, "
      "bool is_rotary_interleaved = False, Tensor? scheduler_metadata = None, int num_splits = 0, bool? "
      "pack_gqa = "
      "None, int sm_margin = 0) -> (Tensor(out!), Tensor, Tensor, Tensor)");
  m.def(
      "bwd(Tensor dout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor softmax_lse, Tensor(dq!)? dq = "
      "None, "
      "Tensor(dk!)? dk = None, Tensor(dv!)? dv = None, Tensor? cu_seqlens_q = None, Tensor? cu_seqlens_k = "
      "None, "
      "Tensor? seqused_q = None, Tensor? seqused_k = None, int? max_seqlen_q = None, int? max_seqlen_k = "
      "None, "
      "float? softmax_scale = None, bool is_causal = False, int window_size_left = -1, int window_size_right "
      "= -1, "
      "float softcap = 0.0, bool deterministic = False, int sm_margin = 0) -> (Tensor(dq!), Tensor(dk!), "
      "Tensor(dv!), Tensor, Tensor, Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(flash_attn_3, CPU, m) {
  m.impl("fwd", torch::CppFunction::makeFromBoxedFunction<&forward>());
  m.impl("bwd", torch::CppFunction::makeFromBoxedFunction<&backward>());
}
