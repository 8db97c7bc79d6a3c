#include "adapt/document_pass.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <optional>

#include "golf/model/loss.h"

// Shapes: T positions of the window, S scored ones, V vocabulary.

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

TokenScores read_scores(const at::Tensor& logits_1SV, const at::Tensor& nll_1S, const Window& window,
                        const ScoreOptions& options) {
  const at::NoGradGuard no_grad;
  const at::Tensor logits = logits_1SV.detach();
  const ScoreSegment segment{window.first_target(), window.scored()};
  TokenScores scores{.segments = {segment}, .nll_nats = floats_of(nll_1S)};
  if (options.entropy) scores.entropy_nats = floats_of(token_entropy(logits));
  if (!options.named_tokens.empty()) {
    scores.named_log_p = name_tokens(logits, segment, options.named_tokens);
  }
  scores.samples = sample(logits, segment, options.sampled_targets);
  return scores;
}

at::Tensor read_row(std::span<const uint16_t> stream, int64_t first, int64_t count, at::Device device) {
  at::Tensor row_1T = at::empty({1, count}, at::kLong);
  std::copy_n(stream.begin() + first, count, row_1T.data_ptr<int64_t>());
  return row_1T.to(device);
}

}  // namespace

DocumentPass pass_document(Decoder& model, std::span<const uint16_t> stream, const Window& window,
                           const DocumentAdapters* adapters, bool learns, const ScoreOptions& options) {
  const at::AutoGradMode gradients(learns);
  const at::Device device = model->parameters().front().device();
  const at::Tensor ids_1T = read_row(stream, window.start, window.length, device);
  const at::Tensor targets_1S = read_row(stream, window.first_target() + 1, window.scored(), device);
  const at::Tensor h_1SD = model->hidden(ids_1T, {}, adapters).slice(1, window.score_from);
  const at::Tensor logits_1SV = model->logits(h_1SD, ids_1T, adapters);
  const at::Tensor nll_1S = token_nll(logits_1SV, targets_1S);
  DocumentPass pass{.scores = read_scores(logits_1SV, nll_1S, window, options)};
  const at::Tensor loss = nll_1S.mean();
  pass.loss = loss.item<double>();
  if (learns) {
    pass.gradients =
        torch::autograd::grad({loss}, adapters->leaves(), /*grad_outputs=*/{}, /*retain_graph=*/false,
                              /*create_graph=*/false, /*allow_unused=*/true);
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
