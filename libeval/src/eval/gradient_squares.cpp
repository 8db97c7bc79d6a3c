#include "golf/eval/gradient_squares.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"

// T positions of a window, V vocabulary.

namespace golf {
namespace {

struct Parameters {
  std::vector<std::string> names;
  std::vector<at::Tensor> tensors;
};

Parameters matrices_of(Decoder& model) {
  Parameters found;
  for (const auto& item : model->named_parameters()) {
    if (item.value().dim() != 2) continue;
    found.names.push_back(item.key());
    found.tensors.push_back(item.value());
  }
  return found;
}

/// One target for each position, drawn from the model's distribution.
at::Tensor draw_targets(const at::Tensor& logits_1TV, uint64_t seed) {
  const at::NoGradGuard no_grad;
  const at::Generator draws = at::detail::createCPUGenerator(seed);
  const at::Tensor p_TV = at::softmax(logits_1TV[0].to(at::kFloat), -1).cpu();
  if (!p_TV.isfinite().all().item<bool>()) {
    fail(ErrorCode::kCorruptData, "its predictions are not finite on this text: check the model");
  }
  return at::multinomial(p_TV, 1, /*replacement=*/true, draws).t().to(logits_1TV.device());
}

/// By parameter, float64 [rows]: the window's squared gradients, the mean over each row.
std::vector<at::Tensor> squares_of(Decoder& model, const Parameters& parameters,
                                   std::span<const uint16_t> window, uint64_t number) {
  const at::AutoGradMode with_gradients(true);
  at::Tensor ids = at::empty({1, static_cast<int64_t>(window.size())}, at::kLong);
  std::copy(window.begin(), window.end(), ids.data_ptr<int64_t>());
  ids = ids.to(parameters.tensors.front().device());
  const at::Tensor logits_1TV = model->logits(model->hidden(ids), ids);
  const at::Tensor loss = token_nll(logits_1TV, draw_targets(logits_1TV, number)).sum();
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({loss}, parameters.tensors, /*grad_outputs=*/{}, /*retain_graph=*/false,
                            /*create_graph=*/false, /*allow_unused=*/true);
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> squares;
  for (size_t i = 0; i < gradients.size(); ++i) {
    const auto double_on_cpu = at::TensorOptions(at::kDouble);
    squares.push_back(gradients[i].defined() ? gradients[i].to(at::kCPU, at::kDouble).square().mean(/*dim=*/1)
                                             : at::zeros({parameters.tensors[i].size(0)}, double_on_cpu));
  }
  return squares;
}

}  // namespace

TensorSet collect_gradient_squares(Decoder& model, std::span<const uint16_t> stream, int64_t seq_len,
                                   const ProgressSink& progress) {
  require_window(stream, seq_len, model->config().vocab_size);
  const auto length = static_cast<size_t>(seq_len), windows = stream.size() / length;
  const Parameters parameters = matrices_of(model);
  const EvalModeGuard eval_mode(model);
  const OneThreadPerOperation guard;
  const bool on_cpu = parameters.tensors.front().device().is_cpu();
  const int threads = on_cpu ? guard.threads() : 1;

  std::vector<at::Tensor> sums(parameters.tensors.size());
  for (size_t first = 0; first < windows; first += static_cast<size_t>(threads)) {
    const size_t count = std::min(static_cast<size_t>(threads), windows - first);
    std::vector<std::vector<at::Tensor>> batch(count);
    parallel_for(count, threads, [&](size_t i) {
      batch[i] = squares_of(model, parameters, stream.subspan((first + i) * length, length), first + i);
    });
    for (const std::vector<at::Tensor>& window : batch) {
      for (size_t i = 0; i < sums.size(); ++i) sums[i] = sums[i].defined() ? sums[i] + window[i] : window[i];
    }
    if (progress) progress({"gradients", (first + count) * length, windows * length, "tokens", ""});
  }

  TensorSet squares;
  for (size_t i = 0; i < sums.size(); ++i) {
    const at::Tensor mean = sums[i] / static_cast<double>(windows * length);
    if (!mean.isfinite().all().item<bool>()) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: its gradient is not finite on this text: check the model", parameters.names[i]));
    }
    squares.add(parameters.names[i], from_torch(mean.to(at::kFloat)));
  }
  return squares;
}

}  // namespace golf
