#include "parallel/heartbeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace golf {
namespace {

// A heartbeat is one of: a count, kDone, kGone, kFailed followed by the reason. kGone is the last that a rank
// writes.
constexpr const char* kDone = "done";
constexpr const char* kGone = "gone";
constexpr const char* kFailed = "failed: ";

std::string key_of(int64_t rank) { return fmt::format("heartbeat/{}", rank); }

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

HeartbeatMonitor::HeartbeatMonitor(c10::intrusive_ptr<c10d::Store> store, const RankInfo& ranks,
                                   std::chrono::milliseconds timeout,
                                   std::function<void(const std::string&)> on_lost)
    : store_(std::move(store)), ranks_(ranks), timeout_(timeout), on_lost_(std::move(on_lost)) {
  store_->set(key_of(ranks_.rank), bytes_of("0"));
  std::vector<std::string> keys;
  for (int64_t rank = 0; rank < ranks_.world; ++rank) keys.push_back(key_of(rank));
  store_->wait(keys);
  heartbeats_.assign(static_cast<size_t>(ranks_.world), {.text = {}, .seen = Clock::now()});
  thread_ = std::thread([this] { run(); });
}

HeartbeatMonitor::~HeartbeatMonitor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void HeartbeatMonitor::run() {
  std::unique_lock lock(mutex_);
  const auto interval =
      std::clamp(timeout_ / 10, std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  while (!stopping_ && !reported_ && !all_done_) {
    try {
      look();
    } catch (const std::exception& error) {
      // The store is served by rank 0 or by the launcher; a rank that is done with the run does not need it.
      if (!finished_) lost("rank 0 or the launcher is lost: the run's store is gone");
      all_done_ = true;
      changed_.notify_all();
      return;
    }
    const bool finished = finished_;
    changed_.wait_for(lock, finished ? std::chrono::milliseconds(20) : interval,
                      [&] { return stopping_ || finished_ != finished; });
  }
}

void HeartbeatMonitor::look() {
  if (!finished_) store_->set(key_of(ranks_.rank), bytes_of(std::to_string(++count_)));
  bool all_done = finished_;
  for (int64_t rank = 0; rank < ranks_.world && !reported_; ++rank) {
    if (rank == ranks_.rank) continue;
    const std::vector<uint8_t> bytes = store_->get(key_of(rank));
    const std::string text(bytes.begin(), bytes.end());
    Heartbeat& last = heartbeats_[static_cast<size_t>(rank)];
    // Rank 0 may serve the store, and LibTorch prints a stack when a rank looks into one that is closed: so
    // rank 0 leaves after all others have looked for the last time.
    if (text == kGone || (text == kDone && ranks_.rank != 0)) continue;
    all_done = false;
    if (text == kDone) continue;
    if (text.starts_with(kFailed)) {
      lost(fmt::format("rank {} failed: {}", rank, text.substr(std::string(kFailed).size())));
    } else if (text != last.text) {
      last = {.text = text, .seen = Clock::now()};
    } else if (Clock::now() - last.seen > timeout_) {
      const double seconds = std::chrono::duration<double>(Clock::now() - last.seen).count();
      lost(fmt::format("rank {} is lost: no heartbeat for {:.1f} s", rank, seconds));
    }
  }
  if (all_done) {
    if (ranks_.rank != 0) store_->set(key_of(ranks_.rank), bytes_of(kGone));
    all_done_ = true;
    changed_.notify_all();
  }
}

void HeartbeatMonitor::lost(const std::string& why) {
  reported_ = true;
  changed_.notify_all();
  if (on_lost_ && !finished_ && !all_fail_) on_lost_(why);
}

void HeartbeatMonitor::report_failure(const std::string& why) {
  std::unique_lock lock(mutex_);
  if (std::exchange(finished_, true)) return;
  store_->set(key_of(ranks_.rank), bytes_of(kFailed + why));
  // Rank 0 may serve the store: the others must have looked before it leaves.
  if (ranks_.rank == 0) changed_.wait_for(lock, std::chrono::seconds(2), [&] { return all_done_; });
}

void HeartbeatMonitor::all_fail() {
  const std::lock_guard lock(mutex_);
  all_fail_ = true;
}

void HeartbeatMonitor::finish() {
  std::unique_lock lock(mutex_);
  if (finished_) return;
  finished_ = true;
  store_->set(key_of(ranks_.rank), bytes_of(kDone));
  changed_.notify_all();
  changed_.wait_for(lock, timeout_, [&] { return all_done_ || reported_; });
}

void HeartbeatMonitor::wait_for_verdict() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout_ + std::chrono::seconds(2), [&] { return reported_; });
}

}  // namespace golf
