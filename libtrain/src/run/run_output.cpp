#include "run/run_output.h"

#include <fmt/format.h>

#include <ctime>
#include <thread>
#include <utility>

#include "golf/artifact/base/file.h"
#include "golf/train/parallel/launch_environment.h"
#include "run/export.h"

namespace golf {
namespace {

/// "2026-03-18", in UTC.
std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

void write_json(const std::string& path, const Json& json) {
  write_file_atomic(path, as_bytes(json.dump(2) + "\n"));
}

}  // namespace

RunOutput::RunOutput(const RunInputs& inputs, TrainingCheckpoint identity, bool writes,
                     const std::optional<ResumePoint>& from, int64_t finished_steps)
    : inputs_(inputs) {
  if (from) resumed_step_ = finished_steps;
  if (writes) {
    const TrainJob& job = inputs.job;
    const bool nothing_to_continue = job.start == RunStart::kContinue && !from;
    directory_.emplace(job.run_dir, nothing_to_continue ? RunStart::kNew : job.start);
    folder_.emplace(directory_->checkpoints());
    folder_->cut_back(finished_steps);
    write_json(directory_->config(), to_json(inputs.config));
    log_ = RunLog(directory_->log(), directory_->metrics(), job.on_log,
                  from ? from->checkpoint.log : LogExtent{});
  }
  new_ = log_.extent() == LogExtent{};
  checkpoints_.emplace(std::move(identity), folder_);
}

void RunOutput::begin(const RunEnvironment& environment, const log_lines::RunFacts& facts) {
  if (new_) {
    Json record = run_record(inputs_.config, environment);
    record["tokenizer"] = to_json(inputs_.tokenizer);
    metrics(record);
    for (const std::string& text : log_lines::header(inputs_.config, facts)) line(text);
    if (inputs_.forecast) line(log_lines::expected_size(*inputs_.forecast));
    const std::optional<std::string> advice =
        thread_advice(inputs_.job.omp_num_threads, environment.threads, inputs_.job.launch.local_world,
                      std::thread::hardware_concurrency());
    if (advice) line(*advice);
  }
  if (resumed_step_) metrics(resume_record(*resumed_step_, inputs_.config, environment));
}

void RunOutput::pack(Decoder& model, TrainReport& report) {
  if (!directory_) return;
  const ExportPaths paths{.weights = directory_->weights(),
                          .artifact = directory_->artifact(inputs_.config.export_.format),
                          .calibration = directory_->calibration()};
  for (const std::string& text : export_weights(inputs_, paths, model, report)) line(text);
}

void RunOutput::finish(const TrainReport& report, const RunEnvironment& environment) {
  if (!directory_) return;
  if (report.adapted) write_file_atomic(directory_->receipt(), as_bytes(report.receipt));
  write_json(directory_->evaluation(), evaluation_record(inputs_.config, report, environment));
  write_json(directory_->submission(), submission_record(inputs_.config, report, environment, today()));
  if (inputs_.config.training.checkpoint_every == 0) folder_->clear();
}

}  // namespace golf
