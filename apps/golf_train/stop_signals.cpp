#include "golf_train/stop_signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace golf {
namespace {

// What the handler works on; everything it does is safe in one.
std::atomic<int> first_signal = 0;
std::atomic<int64_t> first_seconds = 0;
std::atomic<bool> announces = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free);

void heard(int number) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  int none = 0;
  if (first_signal.compare_exchange_strong(none, number)) {
    first_seconds = now.tv_sec;
    constexpr std::string_view kText =
        "golf-train: stopping after this step; another signal stops at once, without saving\n";
    if (announces && ::write(STDERR_FILENO, kText.data(), kText.size()) < 0) return;  // nobody listens
  } else if (now.tv_sec - first_seconds >= 2) {
    std::signal(number, SIG_DFL);
    ::raise(number);
  }
}

}  // namespace

void catch_stop_signals(bool announce) {
  announces = announce;
  struct sigaction action {};
  action.sa_handler = heard;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
}

int stop_signal() { return first_signal; }

}  // namespace golf
