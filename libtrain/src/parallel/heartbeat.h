#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// Detects lost ranks. A thread of each rank writes a heartbeat to the store at intervals and reads those of
/// the others, whatever the main thread waits for. A rank whose heartbeat stops, or that wrote why it failed,
/// is reported once. A rank that wrote that it is done is not reported.
class HeartbeatMonitor {
 public:
  /// @param store    a connection of its own: others may block theirs
  /// @param on_lost  called on the monitor's thread
  HeartbeatMonitor(c10::intrusive_ptr<c10d::Store> store, const RankInfo& ranks,
                   std::chrono::milliseconds timeout, std::function<void(const std::string&)> on_lost);
  ~HeartbeatMonitor();

  /// Tells the other ranks why this one fails.
  void report_failure(const std::string& why);
  /// All ranks fail for a reason that each of them knows: the others' failures are no loss of a rank.
  void all_fail();
  /// Tells the other ranks that this one will leave, and waits for them to say the same, but for no longer
  /// than the timeout. When rank 0 returns, no other rank looks into the store any more.
  void finish();
  /// Waits until a lost rank was reported, but no longer than the timeout. For a main thread whose operation
  /// failed: the reason, which rank was lost, is on its way.
  void wait_for_verdict();

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  void look();
  void lost(const std::string& why);

  c10::intrusive_ptr<c10d::Store> store_;
  RankInfo ranks_;
  std::chrono::milliseconds timeout_;
  std::function<void(const std::string&)> on_lost_;

  std::mutex mutex_;  // guards store_ and all below
  std::condition_variable changed_;
  bool stopping_ = false, reported_ = false, finished_ = false, all_done_ = false, all_fail_ = false;
  int64_t count_ = 0;
  struct Heartbeat {
    std::string text;
    Clock::time_point seen;
  };
  std::vector<Heartbeat> heartbeats_;  // by rank
  std::thread thread_;
};

}  // namespace golf
