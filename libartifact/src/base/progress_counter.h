#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "golf/artifact/base/progress.h"

namespace golf {

/// Counts finished pieces of parallel work and reports each to a sink, one at a time.
class ProgressCounter {
 public:
  ProgressCounter(const ProgressSink& sink, std::string stage, uint64_t total, std::string unit)
      : sink_(sink), state_{std::move(stage), 0, total, std::move(unit), ""} {}

  void add(uint64_t done) {
    if (!sink_) return;
    const std::lock_guard lock(mutex_);
    state_.done += done;
    sink_(state_);
  }

 private:
  const ProgressSink& sink_;
  std::mutex mutex_;
  Progress state_;
};

}  // namespace golf
