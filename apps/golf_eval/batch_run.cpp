#include "golf_eval/batch_run.h"

#include <thread>

#include "golf/artifact/base/limits.h"

namespace golf {

void BatchRun::run(const std::function<void(const BatchJob&, ProgramResult&)>& take) {
  std::vector<std::jthread> workers;
  for (const std::string& device : manifest_.devices) {
    workers.emplace_back([this, device] { work(device); });
  }
  try {
    for (size_t i = 0; i < jobs_.size(); ++i) {
      std::unique_lock lock(mutex_);
      finished_.wait(lock, [&] { return outputs_[i].has_value() || error_; });
      if (!outputs_[i]) std::rethrow_exception(error_);
      ProgramResult output = std::move(*outputs_[i]);
      lock.unlock();
      take(jobs_[i], output);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    next_ = jobs_.size();
    throw;
  }
}

void BatchRun::work(const std::string& device) {
  for (;;) {
    size_t job = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= jobs_.size()) return;
      job = next_++;
    }
    std::optional<ProgramResult> result;
    std::exception_ptr error;
    try {
      result = run_program(command(jobs_[job], device), {}, limits::kFileBytes);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    outputs_[job] = std::move(result);
    if (error) error_ = error, next_ = jobs_.size();
    finished_.notify_all();
    if (error) return;
  }
}

std::vector<std::string> BatchRun::command(const BatchJob& job, const std::string& device) const {
  std::vector<std::string> words = {"/proc/self/exe",
                                    job.model->model,
                                    "--data",
                                    job.data->data,
                                    "--tokenizer",
                                    job.data->tokenizer,
                                    "--device",
                                    device,
                                    "--quiet",
                                    "--dump-nll",
                                    "-",
                                    "--threads",
                                    std::to_string(threads_)};
  if (!manifest_.dtype.empty()) words.insert(words.end(), {"--dtype", manifest_.dtype});
  if (!job.model->config.empty()) words.insert(words.end(), {"--model-config", job.model->config});
  if (job.data->max_tokens > 0) {
    words.insert(words.end(), {"--max-tokens", std::to_string(job.data->max_tokens)});
  }
  const std::vector<std::string> mode = job.mode->options();
  words.insert(words.end(), mode.begin(), mode.end());
  return words;
}

}  // namespace golf
