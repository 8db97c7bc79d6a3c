#include "run/checkpoints.h"

#include <fmt/format.h>

#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/run/run_folder.h"

namespace golf {
namespace {

ResumePoint read_checkpoint(const std::string& path) {
  // Larger than any other input: weights, their optimizer's state and their averages.
  const Bytes bytes = read_file(path, limits::kTensorBytesTotal);
  return {.path = path,
          .digest = checkpoint_digest(bytes),
          .checkpoint = parse_training_checkpoint(bytes, printable(path))};
}

/// Refuses steps and a place in the data that this run cannot come to. The shuffled order goes to its place
/// by drawing, so an unchecked place of a forged file would cost any time; those of the other orders lie in a
/// shard.
void require_reachable(const TrainingCheckpoint& saved, const TrainConfig& config) {
  if (saved.finished_steps > config.schedule.iterations) {
    fail(ErrorCode::kMismatch,
         fmt::format(
             "is of step {}, but schedule.iterations is {}: give --iterations {} to end the run there, "
             "or more",
             saved.finished_steps, config.schedule.iterations, saved.finished_steps));
  }
  if (config.data.order != DataOrder::kShuffled) return;
  const auto expected = static_cast<uint64_t>(saved.finished_steps * config.data.grad_accum_steps);
  if (saved.data.offset != expected) {
    fail(ErrorCode::kMismatch,
         fmt::format("is at micro-batch {} of the shuffled order, but {} steps of {} come to {}: the file is "
                     "damaged or made up",
                     saved.data.offset, saved.finished_steps, config.data.grad_accum_steps, expected));
  }
}

std::optional<ResumePoint> find_checkpoint(const TrainJob& job) {
  if (!job.checkpoint.empty()) return read_checkpoint(job.checkpoint);
  const CheckpointFolder folder(run_checkpoints(job.run_dir));
  const std::vector<int64_t> steps = folder.steps();
  if (steps.empty()) return std::nullopt;
  try {
    return read_checkpoint(folder.file(steps.back()));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kIo) throw;
    const std::string remedy = steps.size() == 1
                                   ? "there is no other: begin anew with --force"
                                   : fmt::format("continue from the one before with --resume --checkpoint {}",
                                                 printable(folder.file(steps[steps.size() - 2])));
    fail(error.code(), fmt::format("{}: {}", error.what(), remedy));
  }
}

}  // namespace

std::optional<ResumePoint> read_resume_point(const RunInputs& inputs, const TrainingCheckpoint& identity) {
  if (inputs.job.start != RunStart::kContinue) return std::nullopt;
  std::optional<ResumePoint> point = find_checkpoint(inputs.job);
  if (!point) return std::nullopt;
  const TrainingCheckpoint& saved = point->checkpoint;
  try {
    require_resumable(saved.config, inputs.config);
    require_reachable(saved, inputs.config);
  } catch (const Error& error) {
    fail_within(printable(point->path), error);
  }
  if (saved.dtype != identity.dtype) {
    fail(ErrorCode::kMismatch, fmt::format("{}: the run began with matrix products in {}, this one has {}: "
                                           "give --dtype {}",
                                           printable(point->path), saved.dtype, identity.dtype, saved.dtype));
  }
  if (saved.shards != identity.shards) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: names or sizes of the training shards are not those the run began with: give it "
                     "the same --data",
                     printable(point->path)));
  }
  return point;
}

TrainerState take_trainer_state(TrainingCheckpoint& checkpoint) {
  TrainerState state{.finished_steps = checkpoint.finished_steps,
                     .data = checkpoint.data,
                     .qat_started = checkpoint.qat_started,
                     .curriculum = checkpoint.curriculum,
                     .tensors = {}};
  for (NamedTensor& one : checkpoint.tensors) {
    state.tensors.push_back({one.name, to_torch(std::exchange(one.tensor, {}))});
  }
  return state;
}

void CheckpointWriter::save(const Trainer& trainer, const LogExtent& log, double train_ms) {
  if (trainer.finished_steps() == saved_step_) return;
  saved_step_ = trainer.finished_steps();
  TrainerState state = trainer.capture();
  if (!folder_) return;
  TrainingCheckpoint checkpoint = identity_;
  checkpoint.finished_steps = state.finished_steps;
  checkpoint.train_ms = train_ms;
  checkpoint.data = state.data;
  checkpoint.qat_started = state.qat_started;
  checkpoint.curriculum = state.curriculum;
  checkpoint.log = log;
  for (NamedParameter& one : state.tensors) {
    checkpoint.tensors.add(one.name, from_torch(std::exchange(one.tensor, {})));
  }
  folder_->write(state.finished_steps, encode_training_checkpoint(std::move(checkpoint)),
                 identity_.config.training.keep_checkpoints);
}

}  // namespace golf
