#include "adapt/sgd_learner.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "adapt/chunk_places.h"
#include "adapt/learning_weights.h"
#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/model/loss.h"
#include "golf/model/torch_tensors.h"

// Shapes: B rows of a part, T positions of a row.

namespace golf {
namespace {

/// Tokens in one forward and backward pass on a processor.
constexpr int64_t kPassTokens = 1024;

struct Range {
  int64_t first = 0, end = 0;
  int64_t size() const { return end - first; }
};

class SgdLearner : public AdaptLearner {
 public:
  SgdLearner(const SgdAdaptConfig& config, Decoder& model, const AdaptInputs& inputs)
      : config_(config),
        model_(model),
        inputs_(inputs),
        plan_(make_plan(inputs.settings, inputs.text.targets())),
        weights_(model, config.weights, config.frozen) {
    check();
    count_windows();
  }

  std::string plan_text() const override {
    const EvalSettings& settings = inputs_.settings;
    return fmt::format("{} {}/{}", mode_name(settings.mode), plan_.seq_len(), plan_.stride());
  }
  int64_t chunks() const override { return static_cast<int64_t>(windows_.size()); }
  int64_t windows() const override { return plan_.size(); }
  Coverage coverage() const override { return plan_.coverage(); }
  std::string chunk_text(int64_t chunk) const override {
    return fmt::format("chunk {} of {}", chunk + 1, chunks());
  }

  void score(int64_t chunk, const ScoreOptions& options, const ScoreSink& sink) override {
    const Range windows = windows_[static_cast<size_t>(chunk)];
    // Whole batches, so that the windows of a forward pass do not depend on the number of processes.
    const int64_t batch = inputs_.settings.batch_seqs;
    const Range batches = share((windows.size() + batch - 1) / batch);
    ScoreOptions own = options;
    own.batch_seqs = batch;
    own.first_window = std::min(windows.first + batches.first * batch, windows.end);
    own.end_window = std::min(windows.first + batches.end * batch, windows.end);
    if (own.first_window < own.end_window) score_tokens(model_, inputs_.text.tokens, plan_, own, sink);
  }

  std::vector<AdaptUpdate> learn(int64_t chunk) override {
    if (chunk + 1 >= chunks() || windows_[static_cast<size_t>(chunk)].size() == 0) return {};
    const int64_t first = chunk * config_.chunk_tokens;
    const int64_t rows = (std::min(first + config_.chunk_tokens, plan_.targets()) - first) / plan_.seq_len();
    std::vector<AdaptUpdate> updates;
    for (int64_t epoch = 0; epoch < config_.epochs; ++epoch) {
      for (int64_t row = 0; row < rows; row += config_.batch_seqs) {
        const Range step{row, std::min(row + config_.batch_seqs, rows)};
        updates.push_back(take_step(chunk, first, step));
      }
    }
    return updates;
  }

  TensorSet state() const override { return weights_.state(); }
  void restore(const TensorSet& state) override { weights_.restore(state); }

 private:
  void check() const {
    const EvalSettings& settings = inputs_.settings;
    if (settings.mode == EvalMode::kDocuments || settings.mode == EvalMode::kStreaming ||
        (settings.mode == EvalMode::kSliding && settings.policy.name != "once")) {
      fail(ErrorCode::kInvalidArgument,
           "adapt.sgd: needs windows that score each target once: sliding with the policy \"once\"");
    }
    if (config_.epochs == 0) return;
    if (config_.chunk_tokens > plan_.targets()) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("adapt.sgd.chunk_tokens: a chunk of {} targets is longer than the evaluation, which "
                       "has {}: nothing would be learned before the end; make it shorter",
                       config_.chunk_tokens, plan_.targets()));
    }
    if (config_.chunk_tokens < plan_.seq_len()) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("adapt.sgd.chunk_tokens: a chunk of {} targets is shorter than a row of {} tokens: "
                       "nothing would be learned; make it longer, or seq_len shorter",
                       config_.chunk_tokens, plan_.seq_len()));
    }
  }

  /// A window belongs to the chunk in which its first scored target lies.
  void count_windows() {
    const int64_t chunk = config_.chunk_tokens;
    windows_.resize(static_cast<size_t>((plan_.targets() + chunk - 1) / chunk));
    int64_t next = 0;
    for (size_t c = 0; c < windows_.size(); ++c) {
      const int64_t end = static_cast<int64_t>(c + 1) * chunk;
      windows_[c].first = next;
      while (next < plan_.size() && (plan_[next].first_target() < end || c + 1 == windows_.size())) ++next;
      windows_[c].end = next;
    }
  }

  Range share(int64_t count) const {
    const auto& [index, processes, sum, gather] = inputs_.processes;
    return {count * index / processes, count * (index + 1) / processes};
  }

  double learning_rate(int64_t chunk) const {
    const double turn = static_cast<double>(chunk) / static_cast<double>(std::max<int64_t>(chunks() - 1, 1));
    return config_.lr * 0.5 * (1.0 + std::cos(std::numbers::pi * turn));
  }

  /// Inputs and targets of rows of the chunk that begins at target `first`.
  std::pair<at::Tensor, at::Tensor> read_rows(int64_t first, Range rows) const {
    const int64_t length = plan_.seq_len();
    at::Tensor ids_BT = at::empty({rows.size(), length}, at::kLong);
    at::Tensor targets_BT = at::empty({rows.size(), length}, at::kLong);
    const uint16_t* source = inputs_.text.tokens.data() + first + rows.first * length;
    std::copy_n(source, ids_BT.numel(), ids_BT.data_ptr<int64_t>());
    std::copy_n(source + 1, targets_BT.numel(), targets_BT.data_ptr<int64_t>());
    return {ids_BT.to(weights_.device()), targets_BT.to(weights_.device())};
  }

  struct PartGradients {
    double loss = 0;  ///< mean
    std::vector<at::Tensor> gradients;
  };
  PartGradients differentiate(int64_t first, Range rows) {
    const at::AutoGradMode with_gradients(true);
    const auto [ids_BT, targets_BT] = read_rows(first, rows);
    const at::Tensor loss = next_token_loss(model_, model_->hidden(ids_BT), ids_BT, targets_BT);
    return {loss.item<double>(), weights_.gradients(loss)};
  }

  /// One optimizer step on the rows `step` of the chunk that begins at target `first`.
  AdaptUpdate take_step(int64_t chunk, int64_t first, Range step) {
    const EvalModeGuard eval_mode(model_);
    const OneThreadPerOperation guard;
    const bool on_cpu = weights_.device().is_cpu();
    const int64_t part = on_cpu ? std::max<int64_t>(kPassTokens / plan_.seq_len(), 1) : step.size();
    const Range own = share((step.size() + part - 1) / part);
    const int threads = on_cpu ? guard.threads() : 1;
    AdaptUpdate update{.what = "weights"};
    const LearningWeights::Learning learning(weights_);
    double loss = 0;
    weights_.begin_sum();
    // As many parts as there are threads at a time: each holds a gradient of every weight.
    for (int64_t wave = own.first; wave < own.end; wave += threads) {
      std::vector<PartGradients> parts(static_cast<size_t>(std::min<int64_t>(threads, own.end - wave)));
      const auto rows_of = [&](size_t i) {
        const int64_t from = step.first + (wave + static_cast<int64_t>(i)) * part;
        return Range{from, std::min(from + part, step.end)};
      };
      parallel_for(parts.size(), threads, [&](size_t i) { parts[i] = differentiate(first, rows_of(i)); });
      for (size_t i = 0; i < parts.size(); ++i) {
        const Range rows = rows_of(i);
        const double weight = static_cast<double>(rows.size()) / static_cast<double>(step.size());
        loss += weight * parts[i].loss;
        weights_.add(parts[i].gradients, weight);
        update.saw.push_back({first + rows.first * plan_.seq_len(), rows.size() * plan_.seq_len()});
      }
    }
    loss = weights_.finish_sum(loss, inputs_.processes);
    const double norm = weights_.gradient_norm();
    if (!std::isfinite(loss) || !std::isfinite(norm)) {
      const int64_t length = plan_.seq_len();
      fail(ErrorCode::kRunFailed,
           fmt::format("adaptation: {} ({}): the {} is not finite: a smaller adapt.sgd.lr may help",
                       chunk_text(chunk),
                       target_place(inputs_.text, first + step.first * length, step.size() * length),
                       std::isfinite(loss) ? "gradient" : "loss"));
    }
    const double lr = learning_rate(chunk);
    weights_.descend(
        {.lr = lr, .momentum = config_.momentum, .clip_norm = config_.grad_clip_norm, .norm = norm});
    update.steps = {{.rows = step.size(), .loss = loss, .grad_norm = norm, .lr = lr}};
    return update;
  }

  SgdAdaptConfig config_;
  Decoder& model_;
  AdaptInputs inputs_;
  WindowPlan plan_;
  LearningWeights weights_;
  std::vector<Range> windows_;  ///< of the plan, by chunk
};

}  // namespace

std::unique_ptr<AdaptLearner> make_sgd_learner(const SgdAdaptConfig& config, Decoder& model,
                                               const AdaptInputs& inputs) {
  return std::make_unique<SgdLearner>(config, model, inputs);
}

}  // namespace golf
