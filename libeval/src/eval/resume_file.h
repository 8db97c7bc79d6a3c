#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "eval/resume_point.h"
#include "golf/eval/processes.h"
#include "golf/eval/resume.h"

namespace golf {

/// The file of --resume during one evaluation. All processes call read() and due() alike; the first one
/// writes.
class ResumeFile {
 public:
  ResumeFile(ResumeOptions options, std::string schema, const EvalProcesses& processes);

  bool wanted() const { return !options_.file.empty(); }
  std::string name() const;
  /// What an earlier run left, if there was one. Before the first write.
  std::optional<EvalResumePoint> read();
  /// Whether the file is wanted and its time has come.
  bool due() const;
  void write(Json facts, TensorSet tensors = {});
  /// Spent by the earlier runs and by this one.
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  ResumeOptions options_;
  std::string schema_;
  const EvalProcesses& processes_;
  double earlier_seconds_ = 0;
  Clock::time_point start_ = Clock::now(), written_ = start_;
};

}  // namespace golf
