#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/external_program.h"
#include "golf_eval/batch_manifest.h"

namespace golf {

/// Runs jobs, one process a device, and hands their outcomes over in the order of the jobs.
class BatchRun {
 public:
  /// Borrows the manifest. @param threads  of each process
  BatchRun(const BatchManifest& manifest, std::vector<BatchJob> jobs, int threads)
      : manifest_(manifest), jobs_(std::move(jobs)), threads_(threads), outputs_(jobs_.size()) {}

  /// @param take  is called for each job in order, on this thread
  void run(const std::function<void(const BatchJob&, ProgramResult&)>& take);

 private:
  void work(const std::string& device);
  std::vector<std::string> command(const BatchJob& job, const std::string& device) const;

  const BatchManifest& manifest_;
  const std::vector<BatchJob> jobs_;
  const int threads_;
  std::mutex mutex_;
  std::condition_variable finished_;
  size_t next_ = 0;
  std::vector<std::optional<ProgramResult>> outputs_;
  std::exception_ptr error_;
};

}  // namespace golf
