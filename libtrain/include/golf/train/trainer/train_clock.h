#pragma once

#include <chrono>
#include <optional>

namespace golf {

/// Training time: runs while steps are taken, stands still during validation.
class TrainClock {
 public:
  void resume() { started_ = Clock::now(); }
  void pause() { counted_ms_ = milliseconds(), started_.reset(); }
  /// Milliseconds of training so far.
  double milliseconds() const {
    if (!started_) return counted_ms_;
    return counted_ms_ + std::chrono::duration<double, std::milli>(Clock::now() - *started_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double counted_ms_ = 0;
  std::optional<Clock::time_point> started_;
};

}  // namespace golf
