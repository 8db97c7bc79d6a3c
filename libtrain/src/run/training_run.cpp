#include "run/training_run.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/eval/evaluate.h"
#include "golf/train/device/device.h"
#include "golf/train/run/log_lines.h"
#include "golf/train/run/step_cost.h"
#include "run/run_records.h"
#include "run/step_agreement.h"

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

}  // namespace

TrainingRun::TrainingRun(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                         const Communicator& ranks, Trainer& trainer, RunLog& log,
                         CheckpointWriter& checkpoints, const TrainClock& clock)
    : config_(config),
      job_(job),
      inputs_(inputs),
      ranks_(ranks),
      trainer_(trainer),
      log_(log),
      checkpoints_(checkpoints),
      device_(trainer.model()->parameters().at(0).device()),
      operations_per_token_(operations_per_token(config)),
      clock_(clock) {
  if (trainer.model()->compute_dtype() == torch::kBFloat16) peak_ = bf16_peak(device_name(device_));
  if (peak_) *peak_ *= static_cast<double>(ranks.ranks().world);
  if (config.export_.size_every > 0 && ranks.first()) projection_.emplace(config, job, inputs);
}

void TrainingRun::run(TrainReport& report) {
  const int64_t iterations = config_.schedule.iterations;
  const int64_t val_every = config_.training.val_every, checkpoint_every = config_.training.checkpoint_every;
  const int64_t first_step = trainer_.finished_steps();
  const auto is_due = [](int64_t step, int64_t every) { return every > 0 && step % every == 0; };
  // Schedule and end by the clock must come out alike on all ranks, or their weights would drift apart.
  StepAgreement agreement(ranks_, /*by_clock=*/cap_ms() > 0);
  double train_ms = clock_.milliseconds();
  report.stopped_by_clock = out_of_time(train_ms);
  report.stop = stop_agreed();
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
    pending_.push_back({result, train_ms});

    const bool logged = should_log(report.stopped_by_clock);
    // Reading a loss makes the CPU wait for the step: at once where they are the same, else only now and
    // then.
    constexpr size_t kMostPending = 50;
    if (device_.is_cpu() || logged || pending_.size() >= kMostPending) flush();
    if (logged) log_.line(log_lines::train_step(result.step, iterations, last_loss_, train_ms));
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
    log_.line(log_lines::utilisation(*share, operations_per_token_, *peak_));
  }
  if (report.stop == 0) report.stop = stop_agreed();
  if (report.stop == 0 && report.stopped_by_clock && report.steps < iterations) {
    log_.line(log_lines::stopping_early(clock_.milliseconds(), report.steps, iterations));
  }
}

int TrainingRun::stop_agreed() const {
  return static_cast<int>(ranks_.max(static_cast<double>(stop_requested())));
}

void TrainingRun::save() {
  synchronize(device_);
  clock_.pause();
  flush();
  checkpoints_.save(trainer_, log_.extent(), ranks_.max(clock_.milliseconds()));
  clock_.resume();
}

EvalResult TrainingRun::evaluated() {
  const EvalShare share{.index = ranks_.ranks().rank,
                        .count = ranks_.ranks().world,
                        .sum = [&](double value) { return ranks_.sum(value); }};
  EvalResult result = evaluate(trainer_.model(), inputs_.validation, inputs_.eval, job_.progress,
                               /*trace=*/{}, /*post_processing=*/{}, share);
  if (!std::isfinite(result.val_loss)) {
    fail(ErrorCode::kRunFailed,
         fmt::format("step {}: the validation loss is not finite: lower the learning rates",
                     trainer_.finished_steps()));
  }
  return result;
}

EvalResult TrainingRun::validate() {
  synchronize(device_);
  clock_.pause();
  flush();
  EvalResult result = evaluated();
  const int64_t step = trainer_.finished_steps();
  log_.line(log_lines::validation(step, config_.schedule.iterations, result.val_loss, result.val_bpb,
                                  clock_.milliseconds()));
  log_.metrics(validation_record(step, result, clock_.milliseconds()));
  clock_.resume();
  return result;
}

void TrainingRun::log_events(const StepResult& result) {
  if (result.qat_started && result.step > 1) {
    log_.line(log_lines::qat_started(result.step - 1, result.lr_multiplier));
  }
  if (result.swa_snapshot && result.swa_snapshots == 1) log_.line(log_lines::swa_started(result.step));
}

void TrainingRun::load_final_weights(TrainReport& report) {
  const int64_t snapshots = trainer_.swa_snapshots();
  const FinalWeights chosen = trainer_.load_final_weights();
  if (chosen == FinalWeights::kLive) return;
  const bool ema = chosen == FinalWeights::kEma;
  log_.line(ema ? log_lines::ema_applied() : log_lines::swa_applied(snapshots));
  report.before = evaluated();
  log_.line(log_lines::averaged_validation(ema ? "ema" : "swa", report.before.val_loss, report.before.val_bpb,
                                           1000 * report.before.seconds));
}

void TrainingRun::evaluate_packed(TrainReport& report) {
  {
    const at::NoGradGuard no_grad;
    for (const torch::Tensor& parameter : trainer_.model()->parameters()) ranks_.broadcast(parameter);
  }
  report.after = evaluated();
  for (const std::string& line :
       log_lines::roundtrip(log_lines::recipe_word(report.recipe), log_lines::codec_word(report.codec),
                            report.after.val_loss, report.after.val_bpb, 1000 * report.after.seconds)) {
    log_.line(line);
  }
}

bool TrainingRun::should_log(bool last) const {
  const int64_t step = trainer_.finished_steps(), log_every = config_.training.log_every;
  return log_every > 0 && (step <= 10 || step % log_every == 0 || last);
}

void TrainingRun::record_size(const std::optional<ProjectedSize>& size) {
  if (!size) return;
  log_.line(log_lines::projected_size(size->step, size->budget));
  log_.metrics(to_json(*size));
  projected_size_ =
      fmt::format(", {:.2f} of {:.2f} MB", static_cast<double>(size->budget.total_bytes()) / 1e6,
                  static_cast<double>(size->budget.limit_bytes) / 1e6);
}

void TrainingRun::project_size(int64_t step) {
  if (!projection_) return;
  record_size(projection_->take());
  if (step % config_.export_.size_every == 0) projection_->start(step, trainer_.model());
}

void TrainingRun::flush() {
  for (const auto& [result, train_ms] : pending_) {
    StepRecord record{.step = result.step,
                      .train_loss = result.loss.item<double>(),
                      .grad_norm = result.grad_norm.item<double>(),
                      .lr_multiplier = result.lr_multiplier,
                      .muon_momentum = result.muon_momentum,
                      .lrs = {},
                      .qat = result.qat,
                      .swa_snapshots = result.swa_snapshots,
                      .train_ms = train_ms,
                      .tokens = result.step * config_.data.batch_tokens};
    record.mfu = mfu(record.tokens, train_ms);
    const std::vector<double> lrs = trainer_.group_lrs(result.lr_multiplier);
    for (size_t i = 0; i < lrs.size(); ++i) record.lrs.emplace_back(trainer_.groups()[i].name, lrs[i]);
    log_.metrics(to_json(record));
    if (!std::isfinite(record.train_loss) || !std::isfinite(record.grad_norm)) {
      fail(ErrorCode::kRunFailed,
           fmt::format(
               "step {}: the {}{} is not finite: lower the learning rates or set optimizer.grad_clip_norm",
               record.step, std::isfinite(record.train_loss) ? "gradient norm" : "training loss",
               rank_of_fault(result)));
    }
    last_loss_ = record.train_loss;
  }
  pending_.clear();
}

std::optional<double> TrainingRun::mfu(int64_t tokens, double train_ms) const {
  if (!peak_ || train_ms <= 0) return std::nullopt;
  return utilisation(static_cast<double>(tokens) / (train_ms / 1000), operations_per_token_, *peak_);
}

void TrainingRun::show_progress() const {
  if (!job_.progress) return;
  const int64_t step = trainer_.finished_steps();
  const double train_ms = clock_.milliseconds();
  auto total = static_cast<double>(config_.schedule.iterations);
  if (cap_ms() > 0) total = std::clamp(cap_ms() / (train_ms / static_cast<double>(step)), 1.0, total);
  const double tokens_per_second = static_cast<double>(step * config_.data.batch_tokens) / (train_ms / 1000);
  job_.progress({.stage = "train",
                 .done = static_cast<uint64_t>(step),
                 .total = std::max(static_cast<uint64_t>(total), static_cast<uint64_t>(step)),
                 .unit = "steps",
                 .note = log_lines::progress_note(last_loss_, tokens_per_second,
                                                  mfu(step * config_.data.batch_tokens, train_ms)) +
                         projected_size_});
}

}  // namespace golf
