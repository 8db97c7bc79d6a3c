#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace golf {

/// How far a long piece of work has come. Libraries report; only the apps print.
struct Progress {
  std::string stage;  ///< "compress", "evaluate sliding"
  uint64_t done = 0;
  uint64_t total = 0;  ///< 0 when not known
  std::string unit;    ///< "tensors", "tokens"
  std::string note;    ///< a running figure, such as "bpb 1.2345"
};

/// May be empty. Called from one thread at a time.
using ProgressSink = std::function<void(const Progress&)>;

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
