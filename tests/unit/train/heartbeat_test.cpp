#include "parallel/heartbeat.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <vector>

namespace golf {
namespace {

/// Knows whether anybody uses it after it was closed.
class ClosingStore : public c10d::HashStore {
 public:
  void set(const std::string& key, const std::vector<uint8_t>& data) override {
    note();
    HashStore::set(key, data);
  }
  std::vector<uint8_t> get(const std::string& key) override {
    note();
    return HashStore::get(key);
  }
  void close() { closed_ = true; }
  int uses_after_close() const { return uses_after_close_; }

 private:
  void note() {
    if (closed_) ++uses_after_close_;
  }
  std::atomic<bool> closed_ = false;
  std::atomic<int> uses_after_close_ = 0;
};

TEST(HeartbeatMonitor, RankZeroLeavesLast) {
  constexpr int64_t kRanks = 4;
  for (int round = 0; round < 5; ++round) {
    const auto store = c10::make_intrusive<ClosingStore>();
    std::atomic<int> lost = 0;
    std::vector<std::thread> ranks;
    for (int64_t rank = 0; rank < kRanks; ++rank) {
      ranks.emplace_back([&, rank] {
        HeartbeatMonitor monitor(store, {.rank = rank, .world = kRanks}, std::chrono::milliseconds(5000),
                                 [&](const std::string&) { ++lost; });
        monitor.finish();
        if (rank == 0) store->close();
        // The other ranks are slow to leave: their threads go on for a while.
        std::this_thread::sleep_for(std::chrono::milliseconds(rank == 0 ? 0 : 100));
      });
    }
    for (std::thread& rank : ranks) rank.join();
    EXPECT_EQ(store->uses_after_close(), 0);
    EXPECT_EQ(lost, 0);
  }
}

}  // namespace
}  // namespace golf
