#include "run/training_loop.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "golf/adapt/evaluate_adapted.h"
#include "golf/artifact/base/error.h"
#include "golf/eval/evaluate.h"
#include "golf/train/device/device.h"
#include "golf/train/parallel/eval_processes.h"
#include "golf/train/run/log_lines.h"
#include "golf/train/run/step_cost.h"

namespace golf {
namespace {

/// Waits for the device, so that the clock reads finished work.
void synchronize(torch::Device device) {
  if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

/// " of rank 3" where the loss of one rank is not finite.
std::string rank_of_fault(const StepResult& result) {
  if (!result.rank_losses.defined()) return {};
  const torch::Tensor losses = result.rank_losses.cpu();
  for (int64_t rank = 0; rank < losses.numel(); ++rank) {
    if (!std::isfinite(losses[rank].item<double>())) return fmt::format(" of rank {}", rank);
  }
  return {};
}

/// What all ranks go by after a step.
struct StepVerdict {
  double train_ms = 0;  ///< milliseconds of training so far
  int stop = 0;         ///< why to stop, 0 to continue
};

/// Makes the ranks agree once a step, without waiting for a device. Where the schedule goes by the clock they
/// wait for each other's; else a rank goes by its own clock, and by what the others said after the step
/// before, which has arrived by then.
class StepAgreement {
 public:
  /// Borrows the communicator.
  StepAgreement(const Communicator& ranks, bool by_clock) : ranks_(ranks), by_clock_(by_clock) {}

  /// @param own  of this rank. @return the largest of the ranks' clocks and reasons
  StepVerdict after_step(const StepVerdict& own) {
    if (ranks_.alone()) return own;
    if (by_clock_) {
      send(own);
      return received();
    }
    const int stop = work_.wait ? received().stop : 0;
    send(own);
    return {.train_ms = own.train_ms, .stop = stop};
  }
  /// After the last step: waits for what is still under way.
  void finish() {
    if (work_.wait) received();
  }

 private:
  void send(const StepVerdict& own) {
    values_ = at::empty({2}, torch::kDouble);
    values_[0] = own.train_ms;
    values_[1] = own.stop;
    work_ = ranks_.all_reduce_max(values_);
  }
  StepVerdict received() {
    std::exchange(work_, Work{}).wait();
    return {.train_ms = values_[0].item<double>(), .stop = values_[1].item<int>()};
  }

  const Communicator& ranks_;
  bool by_clock_;
  torch::Tensor values_;  // float64 [2], being reduced
  Work work_;             // its wait is empty when nothing is under way
};

}  // namespace

TrainingLoop::TrainingLoop(const RunInputs& inputs, const Communicator& ranks, Trainer& trainer,
                           RunOutput& output, double train_ms)
    : inputs_(inputs),
      config_(inputs.config),
      ranks_(ranks),
      trainer_(trainer),
      output_(output),
      device_(trainer.model()->parameters().at(0).device()),
      operations_per_token_(operations_per_token(config_)),
      clock_(train_ms) {
  if (trainer.model()->compute_dtype() == torch::kBFloat16) peak_ = bf16_peak(device_name(device_));
  if (peak_) *peak_ *= static_cast<double>(ranks.ranks().world);
  if (config_.export_.size_every > 0 && ranks.first()) projection_.emplace(inputs);
}

void TrainingLoop::warm_up() {
  const int64_t steps = config_.schedule.warmup_steps;
  trainer_.warm_up(steps, [&](int64_t k, bool looped) {
    if (!output_.is_new() || !log_lines::logs_warmup_step(k, steps)) return;
    if (looped && k == 1) output_.line(log_lines::loop_warmup(trainer_.model()->plan()));
    output_.line(looped ? log_lines::loop_warmup_step(k, steps) : log_lines::warmup_step(k, steps));
  });
}

void TrainingLoop::train(TrainReport& report) {
  const int64_t iterations = config_.schedule.iterations;
  const int64_t val_every = config_.training.val_every, checkpoint_every = config_.training.checkpoint_every;
  const int64_t first_step = trainer_.finished_steps();
  const auto is_due = [](int64_t step, int64_t every) { return every > 0 && step % every == 0; };
  // Schedule and end by the clock must be the same on all ranks, or their weights would drift apart.
  StepAgreement agreement(ranks_, /*by_clock=*/cap_ms() > 0);
  double train_ms = clock_.milliseconds();
  report.stopped_by_clock = out_of_time(train_ms);
  stopped(report);
  clock_.resume();
  while (true) {
    const int64_t step = trainer_.finished_steps();
    const bool last = step >= iterations || report.stopped_by_clock;
    if (last || report.stop != 0 || (step > first_step && is_due(step, checkpoint_every))) save();
    if (report.stop != 0) break;
    if (last || is_due(step, val_every)) report.before = validate();
    if (last) break;

    const StepResult result = trainer_.step(train_ms);
    const StepVerdict verdict =
        agreement.after_step({.train_ms = clock_.milliseconds(), .stop = stop_requested()});
    train_ms = verdict.train_ms;
    report.stop = verdict.stop;
    report.stopped_by_clock = out_of_time(train_ms);
    unread_.push_back({result, train_ms});

    const bool logged = should_log(report.stopped_by_clock);
    // Reading a loss makes the CPU wait for the step: at once where the CPU takes it, else seldom.
    constexpr size_t kMostUnread = 50;
    if (device_.is_cpu() || logged || unread_.size() >= kMostUnread) read_losses();
    if (logged) output_.line(log_lines::train_step(result.step, iterations, last_loss_, train_ms));
    log_events(result);
    project_size(result.step);
    show_progress();
  }
  agreement.finish();
  if (projection_) record_size(projection_->wait());
  report.steps = trainer_.finished_steps();
  report.tokens = report.steps * config_.data.batch_tokens;
  report.train_seconds = clock_.milliseconds() / 1000;
  if (const auto share = mfu(report.tokens, clock_.milliseconds())) {
    output_.line(log_lines::utilization(*share, operations_per_token_, *peak_));
  }
  if (!stopped(report) && report.stopped_by_clock && report.steps < iterations) {
    output_.line(log_lines::stopping_early(clock_.milliseconds(), report.steps, iterations));
  }
}

bool TrainingLoop::stopped(TrainReport& report) const {
  if (report.stop == 0) {
    report.stop = static_cast<int>(ranks_.all_reduce_max(static_cast<double>(stop_requested())));
  }
  return report.stop != 0;
}

void TrainingLoop::save() {
  synchronize(device_);
  clock_.pause();
  read_losses();
  output_.save(trainer_, ranks_.all_reduce_max(clock_.milliseconds()));
  clock_.resume();
}

EvalResult TrainingLoop::evaluated() {
  EvalResult result = evaluate(trainer_.model(), inputs_.validation, inputs_.eval, inputs_.job.progress,
                               /*trace=*/{}, /*post_processing=*/{}, eval_processes(ranks_, device_));
  if (!std::isfinite(result.val_loss)) {
    fail(ErrorCode::kRunFailed,
         fmt::format("step {}: the validation loss is not finite: lower the learning rates",
                     trainer_.finished_steps()));
  }
  return result;
}

EvalResult TrainingLoop::validate() {
  synchronize(device_);
  clock_.pause();
  read_losses();
  EvalResult result = evaluated();
  const int64_t step = trainer_.finished_steps();
  output_.line(log_lines::validation(step, config_.schedule.iterations, result.val_loss, result.val_bpb,
                                     clock_.milliseconds()));
  output_.metrics(validation_record(step, result, clock_.milliseconds()));
  clock_.resume();
  return result;
}

void TrainingLoop::log_events(const StepResult& result) {
  if (result.qat_started && result.step > 1) {
    output_.line(log_lines::qat_started(result.step - 1, result.lr_multiplier));
  }
  if (result.recurrence_started) {
    output_.line(log_lines::recurrence_started(result.step - 1, result.progress, trainer_.model()->plan()));
  }
  if (result.seq_len_changed) {
    output_.line(log_lines::seq_len_changed(result.step - 1, result.progress, result.seq_len));
  }
  if (result.swa_snapshot && result.swa_snapshots == 1) output_.line(log_lines::swa_started(result.step));
}

void TrainingLoop::load_final_weights(TrainReport& report) {
  const int64_t snapshots = trainer_.swa_snapshots();
  const FinalWeights chosen = trainer_.load_final_weights();
  if (chosen == FinalWeights::kLive) return;
  const bool ema = chosen == FinalWeights::kEma;
  output_.line(ema ? log_lines::ema_applied() : log_lines::swa_applied(snapshots));
  report.before = evaluated();
  output_.line(log_lines::averaged_validation(ema ? "ema" : "swa", report.before.val_loss,
                                              report.before.val_bpb, 1000 * report.before.seconds));
}

void TrainingLoop::evaluate_packed(TrainReport& report) {
  // As the submissions' programs do and everybody who evaluates the artifact.
  if (trainer_.lacks_recurrence()) {
    output_.line(log_lines::recurrence_not_trained(config_.curriculum.recurrence_start));
  }
  trainer_.model()->set_recurrence(true);
  {
    const at::NoGradGuard no_grad;
    for (const torch::Tensor& parameter : trainer_.model()->parameters()) ranks_.broadcast(parameter);
  }
  report.after = evaluated();
  for (const std::string& line :
       log_lines::roundtrip(log_lines::recipe_word(report.recipe), log_lines::codec_word(report.codec),
                            report.after.val_loss, report.after.val_bpb, 1000 * report.after.seconds)) {
    output_.line(line);
  }
}

void TrainingLoop::evaluate_adapted_weights(TrainReport& report) {
  if (!inputs_.adapt) return;
  EvalSettings settings = inputs_.eval;
  settings.mode = inputs_.adapt->sgd ? EvalMode::kSliding : EvalMode::kStandard;
  AdaptedResult found =
      evaluate_adapted(trainer_.model(), inputs_.validation.view(), settings, *inputs_.adapt,
                       {.progress = inputs_.job.progress,
                        .processes = eval_processes(ranks_, device_),
                        .score_before = false});
  require_finite(found.result);
  if (!found.audit.passed()) {
    fail(ErrorCode::kRunFailed,
         fmt::format("the adapted evaluation breaks {}: this is a fault of the program, please report it",
                     broken_conditions(found.audit)));
  }
  found.receipt.about = Json::object({{"version", inputs_.job.version},
                                      {"model", report.artifact_path},
                                      {"data", inputs_.val_pattern},
                                      {"tokenizer", to_json(inputs_.tokenizer)}});
  report.receipt = encode(found.receipt);
  report.adapted = std::move(found.result);
  output_.line(
      log_lines::adapted(report.adapted->val_loss, report.adapted->val_bpb, 1000 * report.adapted->seconds));
}

bool TrainingLoop::should_log(bool last) const {
  const int64_t step = trainer_.finished_steps(), log_every = config_.training.log_every;
  return log_every > 0 && (step <= 10 || step % log_every == 0 || last);
}

void TrainingLoop::record_size(const std::optional<ProjectedSize>& size) {
  if (!size) return;
  output_.line(log_lines::projected_size(size->step, size->budget));
  output_.metrics(to_json(*size));
  projected_size_ =
      fmt::format(", {:.2f} of {:.2f} MB", static_cast<double>(size->budget.total_bytes()) / 1e6,
                  static_cast<double>(size->budget.limit_bytes) / 1e6);
}

void TrainingLoop::project_size(int64_t step) {
  if (!projection_) return;
  record_size(projection_->take());
  if (step % config_.export_.size_every == 0) projection_->start(step, trainer_.model());
}

void TrainingLoop::read_losses() {
  for (const auto& [result, train_ms] : unread_) {
    StepRecord record{.step = result.step,
                      .train_loss = result.loss.item<double>(),
                      .grad_norm = result.grad_norm.item<double>(),
                      .lr_multiplier = result.lr_multiplier,
                      .muon_momentum = result.muon_momentum,
                      .lrs = {},
                      .qat = result.qat,
                      .recurrence = result.recurrence,
                      .seq_len = result.seq_len,
                      .swa_snapshots = result.swa_snapshots,
                      .train_ms = train_ms,
                      .tokens = result.step * config_.data.batch_tokens};
    record.mfu = mfu(record.tokens, train_ms);
    const std::vector<double> lrs = trainer_.group_lrs(result.lr_multiplier);
    for (size_t i = 0; i < lrs.size(); ++i) record.lrs.emplace_back(trainer_.groups()[i].name, lrs[i]);
    output_.metrics(to_json(record));
    if (!std::isfinite(record.train_loss) || !std::isfinite(record.grad_norm)) {
      fail(ErrorCode::kRunFailed,
           fmt::format(
               "step {}: the {}{} is not finite: lower the learning rates or set optimizer.grad_clip_norm",
               record.step, std::isfinite(record.train_loss) ? "gradient norm" : "training loss",
               rank_of_fault(result)));
    }
    last_loss_ = record.train_loss;
  }
  unread_.clear();
}

std::optional<double> TrainingLoop::mfu(int64_t tokens, double train_ms) const {
  if (!peak_ || train_ms <= 0) return std::nullopt;
  return utilization(static_cast<double>(tokens) / (train_ms / 1000), operations_per_token_, *peak_);
}

void TrainingLoop::show_progress() const {
  if (!inputs_.job.progress) return;
  const int64_t step = trainer_.finished_steps();
  const double train_ms = clock_.milliseconds();
  auto total = static_cast<double>(config_.schedule.iterations);
  if (cap_ms() > 0) total = std::clamp(cap_ms() / (train_ms / static_cast<double>(step)), 1.0, total);
  const double tokens_per_second = static_cast<double>(step * config_.data.batch_tokens) / (train_ms / 1000);
  inputs_.job.progress({.stage = "train",
                        .done = static_cast<uint64_t>(step),
                        .total = std::max(static_cast<uint64_t>(total), static_cast<uint64_t>(step)),
                        .unit = "steps",
                        .note = log_lines::progress_note(last_loss_, tokens_per_second,
                                                         mfu(step * config_.data.batch_tokens, train_ms)) +
                                projected_size_});
}

}  // namespace golf
