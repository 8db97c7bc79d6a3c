#include "adapt/phase.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "adapt/learning_weights.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/loss.h"

namespace golf {
namespace {

/// Tokens of a part: what a core's caches hold, and enough parts for all cores.
constexpr int64_t kPartTokens = 1024;

/// Positions [first, end) of a step's sequence and the bounds of the documents in them.
struct Part {
  int64_t first = 0;
  int64_t end = 0;
  std::vector<int64_t> bounds = {};
};

std::vector<Part> cut(const std::vector<int64_t>& bounds) {
  std::vector<Part> parts;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    if (parts.empty() || parts.back().end - parts.back().first >= kPartTokens) {
      parts.push_back({bounds[i], bounds[i], {bounds[i]}});
    }
    parts.back().end = bounds[i + 1];
    parts.back().bounds.push_back(bounds[i + 1]);
  }
  return parts;
}

struct PartGradients {
  double loss = 0;  ///< mean
  std::vector<at::Tensor> gradients = {};
};

/// Of a part of `sequence`, which has one token more than positions.
PartGradients differentiate(Decoder& model, const LearningWeights& weights,
                            std::span<const uint16_t> sequence, const Part& part) {
  const at::AutoGradMode with_gradients(true);
  // Features look at the token before a position, and documents do not bound them: it is read along, as a
  // document of its own, and its prediction is left to the part before.
  const int64_t lead = part.first > 0 ? 1 : 0;
  const int64_t start = part.first - lead, length = part.end - part.first;
  at::Tensor ids_1T = at::empty({1, length + lead}, at::kLong);
  at::Tensor targets_1S = at::empty({1, length}, at::kLong);
  const auto tokens = sequence.begin() + start;
  std::copy_n(tokens, length + lead, ids_1T.data_ptr<int64_t>());
  std::copy_n(tokens + lead + 1, length, targets_1S.data_ptr<int64_t>());
  ids_1T = ids_1T.to(weights.device());
  std::vector<int64_t> bounds(part.bounds.size() + static_cast<size_t>(lead));
  std::transform(part.bounds.begin(), part.bounds.end(), bounds.begin() + lead,
                 [&](int64_t bound) { return bound - start; });
  const at::Tensor h_1SD = model->hidden(ids_1T, bounds).slice(1, lead);
  const at::Tensor loss = next_token_loss(model, h_1SD, ids_1T, targets_1S.to(weights.device()));
  return {loss.item<double>(), weights.gradients(loss)};
}

/// Adds the gradients of this process's parts up, as many parts at a time as there are threads: each holds a
/// gradient of every weight. @return the mean loss of all positions, over all processes
double sum_gradients(Decoder& model, LearningWeights& weights, std::span<const uint16_t> sequence,
                     const PhaseInputs& inputs) {
  const auto positions = sequence.first(sequence.size() - 1);
  const std::vector<Part> parts =
      cut(document_bounds(positions, {.first_token = inputs.document_start, .max_length = inputs.seq_len}));
  std::vector<const Part*> own;
  for (auto i = static_cast<size_t>(inputs.processes.index); i < parts.size();
       i += static_cast<size_t>(inputs.processes.count)) {
    own.push_back(&parts[i]);
  }
  double loss = 0;
  weights.begin_sum();
  const auto threads = static_cast<size_t>(std::max(inputs.threads, 1));
  for (size_t wave = 0; wave < own.size(); wave += threads) {
    std::vector<PartGradients> found(std::min(threads, own.size() - wave));
    parallel_for(found.size(), inputs.threads,
                 [&](size_t i) { found[i] = differentiate(model, weights, sequence, *own[wave + i]); });
    for (size_t i = 0; i < found.size(); ++i) {
      const Part& part = *own[wave + i];
      const double share = static_cast<double>(part.end - part.first) / static_cast<double>(positions.size());
      loss += share * found[i].loss;
      weights.add(found[i].gradients, share);
    }
  }
  return weights.finish_sum(loss, inputs.processes);
}

}  // namespace

std::vector<AdaptStep> run_phase(Decoder& model, const PhaseText& text, const std::vector<PhaseStep>& steps,
                                 const PhaseAdaptConfig& config, const PhaseInputs& inputs) {
  LearningWeights weights(model, /*weights=*/"", /*frozen=*/"");
  const LearningWeights::Learning learning(weights);
  std::vector<AdaptStep> done;
  for (const PhaseStep& step : steps) {
    const std::span<const uint16_t> sequence =
        std::span(text.tokens).subspan(static_cast<size_t>(step.first), static_cast<size_t>(step.length) + 1);
    const double loss = sum_gradients(model, weights, sequence, inputs);
    const double norm = weights.gradient_norm();
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
      fail(ErrorCode::kRunFailed,
           fmt::format(
               "chunk {} of a phase: the {} is not finite: a smaller adapt.low_rank.phases.lr may help",
               step.chunk + 1, std::isfinite(loss) ? "gradient" : "loss"));
    }
    weights.descend(
        {.lr = step.lr, .momentum = config.momentum, .clip_norm = config.grad_clip_norm, .norm = norm});
    done.push_back({.rows = step.length / inputs.seq_len, .loss = loss, .grad_norm = norm, .lr = step.lr});
  }
  return done;
}

}  // namespace golf
