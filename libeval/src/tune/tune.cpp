#include "golf/eval/tune.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "eval/passes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/eval/evaluate.h"
#include "golf/model/loss.h"
#include "tune/tunable_floats.h"

// Shapes: B windows of a part, T positions of a window, V vocabulary.

namespace golf {
namespace {

constexpr int64_t kMostHeldOut = 32'768;
/// Tokens in one forward and backward pass on a processor.
constexpr int64_t kTunePassTokens = 1024;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// KL divergence of `model`'s predictions from those of `teacher`, mean over positions, nats.
at::Tensor divergence(const at::Tensor& teacher_BTV, const at::Tensor& model_BTV) {
  const at::Tensor log_p = at::log_softmax(teacher_BTV.to(at::kFloat), -1);
  const at::Tensor log_q = at::log_softmax(model_BTV.to(at::kFloat), -1);
  return (log_p.exp() * (log_p - log_q)).sum(-1).mean();
}

class Tuning {
 public:
  Tuning(StoredModel& stored, const ModelConfig& config, const TensorSet& unquantized, const TextView& text,
         const TuneSettings& settings, const Runtime& runtime, const ProgressSink& progress)
      : stored_(stored),
        config_(config),
        text_(text),
        settings_(settings),
        runtime_(runtime),
        progress_(progress),
        teacher_(make_decoder(config, unquantized, runtime)),
        model_(make_decoder(config, dequantize(stored), runtime)),
        floats_(model_, stored) {
    divide();
  }

  TuneReport run() {
    const auto start = std::chrono::steady_clock::now();
    report_.loss_unquantized = held_out_loss(teacher_);
    const auto measuring = std::chrono::steady_clock::now();
    report_.loss_before = held_out_loss(model_);
    const double measure_seconds = seconds_since(measuring);

    const OneThreadPerOperation guard;
    threads_ = runtime_.device.is_cpu() ? guard.threads() : 1;
    const auto stepping = std::chrono::steady_clock::now();
    at::Tensor gradient = step_gradient(0);
    const double left = settings_.seconds - seconds_since(start) - measure_seconds;
    report_.steps = settings_.steps > 0
                        ? settings_.steps
                        : 1 + static_cast<int64_t>(std::max(0.0, left) / seconds_since(stepping));
    for (int64_t step = 0;;) {
      const double turn = static_cast<double>(step) / static_cast<double>(report_.steps);
      floats_.descend(gradient, settings_.lr * (1 - turn));
      if (progress_) {
        progress_(
            {"tune", static_cast<uint64_t>(step + 1), static_cast<uint64_t>(report_.steps), "steps",
             fmt::format("{} {:.4f}", settings_.objective == TuneObjective::kLoss ? "loss" : "divergence",
                         last_loss_)});
      }
      if (++step == report_.steps) break;
      gradient = step_gradient(step);
    }
    floats_.store(stored_);
    report_.loss_after = stored_loss(guard.threads());
    return report_;
  }

 private:
  /// The windows at the end of the text are held out.
  void divide() {
    require_tokens_below(text_.tokens, config_.vocab_size);
    const int64_t length = settings_.seq_len, windows = text_.targets() / length;
    if (windows < 2) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{} tokens are less than two windows of {}: one is held out", text_.size(), length));
    }
    const int64_t held_out = std::clamp<int64_t>(windows / 4, 1, std::max<int64_t>(kMostHeldOut / length, 1));
    train_windows_ = windows - held_out;
    batch_ = std::clamp<int64_t>(settings_.batch_tokens / length, 1, train_windows_);
    report_.tensors = floats_.tensors();
    report_.floats = floats_.floats();
    report_.train_tokens = train_windows_ * length;
    report_.held_out_tokens = held_out * length;
  }

  double held_out_loss(Decoder& model) const {
    TextView held_out = text_;
    const auto first = static_cast<size_t>(report_.train_tokens);
    held_out.tokens = text_.tokens.subspan(first, static_cast<size_t>(report_.held_out_tokens) + 1);
    held_out.bytes = text_.bytes.subspan(first, static_cast<size_t>(report_.held_out_tokens) + 1);
    const EvalResult result =
        evaluate(model, held_out, {.mode = EvalMode::kStandard, .seq_len = settings_.seq_len}, progress_);
    require_finite(result);
    return result.val_loss;
  }

  double stored_loss(int threads) const {
    at::set_num_threads(threads);
    Decoder model = make_decoder(config_, dequantize(stored_), runtime_);
    return held_out_loss(model);
  }

  struct PartGradient {
    double loss = 0;
    at::Tensor gradient;
  };
  PartGradient differentiate(int64_t first, int64_t count) {
    const int64_t length = settings_.seq_len;
    at::Tensor ids_BT = at::empty({count, length}, at::kLong), targets_BT = at::empty_like(ids_BT);
    for (int64_t row = 0; row < count; ++row) {
      const uint16_t* source = text_.tokens.data() + (first + row) % train_windows_ * length;
      std::copy_n(source, length, ids_BT.data_ptr<int64_t>() + row * length);
      std::copy_n(source + 1, length, targets_BT.data_ptr<int64_t>() + row * length);
    }
    ids_BT = ids_BT.to(runtime_.device);
    targets_BT = targets_BT.to(runtime_.device);
    at::Tensor teacher_BTV;
    if (settings_.objective == TuneObjective::kDistill) {
      const at::NoGradGuard no_grad;
      teacher_BTV = teacher_->logits(teacher_->hidden(ids_BT), ids_BT);
    }
    const at::AutoGradMode with_gradients(true);
    const at::Tensor hidden = model_->hidden(ids_BT);
    const at::Tensor loss = teacher_BTV.defined() ? divergence(teacher_BTV, model_->logits(hidden, ids_BT))
                                                  : next_token_loss(model_, hidden, ids_BT, targets_BT);
    return {loss.item<double>(), floats_.gradient(loss)};
  }

  /// The mean gradient over the windows of a step. Parts have a fixed size and are added up in their order.
  at::Tensor step_gradient(int64_t step) {
    const int64_t part = runtime_.device.is_cpu()
                             ? std::clamp<int64_t>(kTunePassTokens / settings_.seq_len, 1, batch_)
                             : batch_;
    std::vector<PartGradient> parts(static_cast<size_t>((batch_ + part - 1) / part));
    const auto windows_of = [&](size_t i) { return std::min(part, batch_ - static_cast<int64_t>(i) * part); };
    parallel_for(parts.size(), threads_, [&](size_t i) {
      parts[i] = differentiate(step * batch_ + static_cast<int64_t>(i) * part, windows_of(i));
    });
    at::Tensor sum;
    last_loss_ = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const double share = static_cast<double>(windows_of(i)) / static_cast<double>(batch_);
      const at::Tensor own = parts[i].gradient * share;
      sum = sum.defined() ? sum + own : own;
      last_loss_ += share * parts[i].loss;
    }
    if (!std::isfinite(last_loss_) || !sum.isfinite().all().item<bool>()) {
      fail(ErrorCode::kRunFailed,
           fmt::format("tuning: step {} of {}: the {} is not finite: a smaller --lr may help", step + 1,
                       report_.steps, std::isfinite(last_loss_) ? "gradient" : "loss"));
    }
    return sum;
  }

  StoredModel& stored_;
  const ModelConfig& config_;
  TextView text_;
  TuneSettings settings_;
  Runtime runtime_;
  ProgressSink progress_;
  Decoder teacher_, model_;
  TunableFloats floats_;
  TuneReport report_;
  int64_t train_windows_ = 0, batch_ = 0;
  int threads_ = 1;
  double last_loss_ = 0;
};

}  // namespace

TuneReport tune(StoredModel& model, const ModelConfig& config, const TensorSet& unquantized,
                const TextView& text, const TuneSettings& settings, const Runtime& runtime,
                const ProgressSink& progress) {
  return Tuning(model, config, unquantized, text, settings, runtime, progress).run();
}

}  // namespace golf
