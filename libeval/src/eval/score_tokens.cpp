#include "golf/eval/score_tokens.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/model/loss.h"

// Shapes: B windows of a batch, T positions of a window, S scored positions, D model width, V vocabulary.

namespace golf {
namespace {

/// Logits held at a time: 64 MiB in float32, and more than enough rows to keep a processor busy.
constexpr int64_t kLogitElements = int64_t{1} << 24;

/// Puts the model in eval mode for as long as this lives.
class EvalModeGuard {
 public:
  explicit EvalModeGuard(Decoder& model) : model_(model), was_training_(model->is_training()) {
    model_->eval();
  }
  ~EvalModeGuard() { model_->train(was_training_); }
  EvalModeGuard(const EvalModeGuard&) = delete;
  EvalModeGuard& operator=(const EvalModeGuard&) = delete;

 private:
  Decoder& model_;
  bool was_training_;
};

/// How many windows from `first` on share its shape, at most `limit`.
int64_t equal_windows(const WindowPlan& plan, int64_t first, int64_t limit) {
  const Window shape = plan[first];
  int64_t count = 1;
  while (count < limit && first + count < plan.size()) {
    const Window window = plan[first + count];
    if (window.length != shape.length || window.score_from != shape.score_from) break;
    ++count;
  }
  return count;
}

struct Batch {
  at::Tensor ids_BT;
  at::Tensor targets_BS;
  std::vector<ScoreSegment> segments;
};

Batch make_batch(std::span<const uint16_t> stream, const WindowPlan& plan, int64_t first, int64_t count) {
  const Window shape = plan[first];
  Batch batch{at::empty({count, shape.length}, at::kLong), at::empty({count, shape.scored()}, at::kLong), {}};
  auto* ids = batch.ids_BT.data_ptr<int64_t>();
  auto* targets = batch.targets_BS.data_ptr<int64_t>();
  for (int64_t row = 0; row < count; ++row) {
    const Window window = plan[first + row];
    const uint16_t* tokens = stream.data() + window.start;
    ids = std::copy_n(tokens, window.length, ids);
    targets = std::copy_n(tokens + window.score_from + 1, window.scored(), targets);
    batch.segments.push_back({window.first_target(), window.scored()});
  }
  return batch;
}

void append_floats(std::vector<float>& to, const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kCPU, at::kFloat).contiguous();
  const auto* data = flat.data_ptr<float>();
  to.insert(to.end(), data, data + flat.numel());
}

TokenScores score_batch(Decoder& model, Batch batch, const Window& shape, bool entropy) {
  const at::Device device = model->parameters().front().device();
  const at::Tensor ids_BT = batch.ids_BT.to(device);
  const at::Tensor targets_BS = batch.targets_BS.to(device);
  const at::Tensor h_BSD = model->hidden(ids_BT).slice(1, shape.score_from);
  const at::Tensor ids_BS = ids_BT.slice(1, shape.score_from);
  TokenScores scores{.segments = std::move(batch.segments)};
  const int64_t rows = ids_BT.size(0);
  const int64_t step = std::max<int64_t>(kLogitElements / (shape.scored() * model->config().vocab_size), 1);
  std::vector<at::Tensor> nll;
  std::vector<at::Tensor> entropies;
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t end = std::min(row + step, rows);
    const at::Tensor logits = model->logits(h_BSD.slice(0, row, end), ids_BS.slice(0, row, end));
    nll.push_back(token_nll(logits, targets_BS.slice(0, row, end)));
    if (entropy) entropies.push_back(token_entropy(logits));
  }
  append_floats(scores.nll_nats, at::cat(nll));
  if (entropy) append_floats(scores.entropy_nats, at::cat(entropies));
  return scores;
}

void check_stream(std::span<const uint16_t> stream, const WindowPlan& plan, int64_t vocab_size) {
  const auto tokens = static_cast<int64_t>(stream.size());
  if (tokens != plan.targets() + 1) {
    fail(ErrorCode::kMismatch, fmt::format("{} tokens for a plan over {} targets: expected {} tokens", tokens,
                                           plan.targets(), plan.targets() + 1));
  }
  const auto largest = std::max_element(stream.begin(), stream.end());
  if (*largest >= vocab_size) {
    fail(ErrorCode::kMismatch, fmt::format("token {} at index {} is not below the model's vocabulary of {}",
                                           *largest, largest - stream.begin(), vocab_size));
  }
}

}  // namespace

void score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                  const ScoreOptions& options, const ScoreSink& sink) {
  if (options.batch_seqs < 1) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("batch of {} sequences: must be at least 1", options.batch_seqs));
  }
  check_stream(stream, plan, model->config().vocab_size);
  const c10::InferenceMode inference;
  const EvalModeGuard eval_mode(model);
  Progress progress;
  progress.stage = "evaluate";
  progress.total = static_cast<uint64_t>(plan.coverage().scored);
  progress.unit = "tokens";
  for (int64_t first = 0; first < plan.size();) {
    const int64_t count = equal_windows(plan, first, options.batch_seqs);
    const TokenScores scores =
        score_batch(model, make_batch(stream, plan, first, count), plan[first], options.entropy);
    sink(scores);
    progress.done += static_cast<uint64_t>(scores.size());
    if (options.progress) options.progress(progress);
    first += count;
  }
}

TokenScores score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                         const ScoreOptions& options) {
  TokenScores all;
  score_tokens(model, stream, plan, options, [&](const TokenScores& batch) { all.append(batch); });
  return all;
}

}  // namespace golf
