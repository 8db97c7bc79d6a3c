#include "run/resume_point.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/train/checkpoint/checkpoint_folder.h"
#include "golf/train/checkpoint/resume_rules.h"
#include "golf/train/run/run_directory.h"

namespace golf {
namespace {

ResumePoint read_checkpoint(const std::string& path) {
  // Larger than any other input: weights, their optimiser's state and their averages.
  const Bytes bytes = read_file(path, limits::kTensorBytesTotal);
  return {.path = path,
          .digest = checkpoint_digest(bytes),
          .checkpoint = parse_training_checkpoint(bytes, printable(path))};
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

std::optional<ResumePoint> read_resume_point(const TrainConfig& config, const TrainJob& job,
                                             const std::string& dtype, const std::string& shards) {
  if (job.start != RunStart::kContinue) return std::nullopt;
  std::optional<ResumePoint> point = find_checkpoint(job);
  if (!point) return std::nullopt;
  const TrainingCheckpoint& saved = point->checkpoint;
  try {
    require_resumable(saved.config, config);
  } catch (const Error& error) {
    fail_within(printable(point->path), error);
  }
  if (saved.dtype != dtype) {
    fail(ErrorCode::kMismatch, fmt::format("{}: the run began with matrix products in {}, this one has {}: "
                                           "give --dtype {}",
                                           printable(point->path), saved.dtype, dtype, saved.dtype));
  }
  if (saved.shards != shards) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: names or sizes of the training shards are not those the run began with: give it "
                     "the same --data",
                     printable(point->path)));
  }
  return point;
}

}  // namespace golf
