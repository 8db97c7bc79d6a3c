#pragma once

#include <chrono>
#include <optional>

namespace golf {

/// Training time: runs while steps are taken, stands still while the run validates or saves.
class TrainClock {
 public:
  /// @param counted_ms  milliseconds of training before
  explicit TrainClock(double counted_ms = 0) : counted_ms_(counted_ms) {}

  void resume() { started_ = Clock::now(); }
  void pause() { counted_ms_ = milliseconds(), started_.reset(); }
  /// Milliseconds of training so far.
  double milliseconds() const {
    if (!started_) return counted_ms_;
    return counted_ms_ + std::chrono::duration<double, std::milli>(Clock::now() - *started_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double counted_ms_;
  std::optional<Clock::time_point> started_;
};

}  // namespace golf
