#include "adapt/document_pass.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <optional>

#include "golf/model/loss.h"
#include "model/ops.h"

// Shapes: B documents, T positions of a window, S scored ones, V vocabulary.

namespace golf {
namespace {

std::vector<float> floats_of(const at::Tensor& values) {
  const at::Tensor flat = values.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto* data = flat.const_data_ptr<float>();
  return {data, data + flat.numel()};
}

/// ln p of the tokens that are named for the targets of `segment`, 0 where none is.
std::vector<float> name_tokens(const at::Tensor& logits_1SV, const ScoreSegment& segment,
                               std::span<const int32_t> named_tokens) {
  const auto named =
      named_tokens.subspan(static_cast<size_t>(segment.first_target), static_cast<size_t>(segment.count));
  std::vector<float> log_p(named.size());
  if (std::all_of(named.begin(), named.end(), [](int32_t token) { return token == kNoToken; })) return log_p;
  at::Tensor tokens_1S = at::empty({1, segment.count}, at::kLong);
  std::transform(named.begin(), named.end(), tokens_1S.data_ptr<int64_t>(),
                 [](int32_t token) { return token == kNoToken ? 0 : int64_t{token}; });
  const std::vector<float> nll = floats_of(token_nll(logits_1SV, tokens_1S.to(logits_1SV.device())));
  for (size_t i = 0; i < named.size(); ++i) {
    if (named[i] != kNoToken) log_p[i] = -nll[i];
  }
  return log_p;
}

std::vector<SampledDistribution> sample(const at::Tensor& logits_1SV, const ScoreSegment& segment,
                                        const std::vector<int64_t>& targets) {
  std::vector<SampledDistribution> samples;
  const auto first = std::lower_bound(targets.begin(), targets.end(), segment.first_target);
  const auto end = std::lower_bound(first, targets.end(), segment.first_target + segment.count);
  for (auto target = first; target != end; ++target) {
    const int64_t position = *target - segment.first_target;
    const at::Tensor p_V = logits_1SV[0][position].to(at::kCPU, at::kDouble).softmax(-1).contiguous();
    const auto* p = p_V.const_data_ptr<double>();
    samples.push_back({position, {p, p + p_V.numel()}});
  }
  return samples;
}

bool asks_for_logits(const ScoreOptions& options) {
  return options.entropy || !options.named_tokens.empty() || !options.sampled_targets.empty();
}

/// `logits_1SV` may be undefined when the options ask for nothing but the losses.
TokenScores read_scores(const at::Tensor& logits_1SV, const at::Tensor& nll_1S, const Window& window,
                        const ScoreOptions& options) {
  const ScoreSegment segment{window.first_target(), window.scored()};
  TokenScores scores{.segments = {segment}, .nll_nats = floats_of(nll_1S)};
  if (!asks_for_logits(options)) return scores;
  if (options.entropy) scores.entropy_nats = floats_of(token_entropy(logits_1SV));
  if (!options.named_tokens.empty()) {
    scores.named_log_p = name_tokens(logits_1SV, segment, options.named_tokens);
  }
  scores.samples = sample(logits_1SV, segment, options.sampled_targets);
  return scores;
}

/// Row b is the tokens from first_of(window b) on.
template <class First>
at::Tensor read_rows(std::span<const uint16_t> stream, const std::vector<Window>& windows, int64_t count,
                     at::Device device, const First& first_of) {
  at::Tensor rows_BT = at::empty({static_cast<int64_t>(windows.size()), count}, at::kLong);
  auto* row = rows_BT.data_ptr<int64_t>();
  for (const Window& window : windows) row = std::copy_n(stream.begin() + first_of(window), count, row);
  return rows_BT.to(device);
}

}  // namespace

DocumentPass pass_documents(Decoder& model, std::span<const uint16_t> stream,
                            const std::vector<Window>& windows, const BatchAdapters* adapters, bool learns,
                            const ScoreOptions& options) {
  const at::AutoGradMode gradients(learns);
  const at::Device device = model->parameters().front().device();
  const Window& shape = windows.front();
  const at::Tensor ids_BT =
      read_rows(stream, windows, shape.length, device, [](const Window& window) { return window.start; });
  const at::Tensor targets_BS = read_rows(stream, windows, shape.scored(), device,
                                          [](const Window& window) { return window.first_target() + 1; });
  const at::Tensor h_BSD = model->hidden(ids_BT, {}, adapters).slice(1, shape.score_from);
  at::Tensor logits_BSV, nll_BS;
  if (model->logits_are_softcapped()) {
    const at::Tensor scores_BSV = model->raw_logits(h_BSD, adapters);
    const double cap = model->config().logit_softcap;
    nll_BS = softcapped_nll(scores_BSV, cap, targets_BS);
    if (asks_for_logits(options)) logits_BSV = softcap(scores_BSV.detach(), cap);
  } else {
    logits_BSV = model->logits(h_BSD, ids_BT, adapters);
    nll_BS = token_nll(logits_BSV, targets_BS);
  }
  const at::Tensor losses_B = nll_BS.mean(1);
  DocumentPass pass;
  for (const float loss : floats_of(losses_B)) pass.losses.push_back(loss);
  if (learns) {
    pass.gradients = torch::autograd::grad({losses_B.sum()}, adapters->leaves(), /*grad_outputs=*/{},
                                           /*retain_graph=*/false, /*create_graph=*/false,
                                           /*allow_unused=*/true);
  }
  const at::NoGradGuard no_grad;
  for (size_t b = 0; b < windows.size(); ++b) {
    const auto row = [&](const at::Tensor& all) {
      return all.defined() ? all.detach().narrow(0, static_cast<int64_t>(b), 1) : all;
    };
    pass.scores.append(read_scores(row(logits_BSV), row(nll_BS), windows[b], options));
  }
  return pass;
}

FrozenWeights::FrozenWeights(Decoder& model) {
  for (at::Tensor& parameter : model->parameters()) {
    if (!parameter.requires_grad()) continue;
    learning_.push_back(parameter);
    parameter.set_requires_grad(false);
  }
}

FrozenWeights::~FrozenWeights() {
  for (at::Tensor& parameter : learning_) parameter.set_requires_grad(true);
}

}  // namespace golf
