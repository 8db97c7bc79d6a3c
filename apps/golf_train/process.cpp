#include "golf_train/process.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string_view>

#include "common/run_main.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"

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

void write_error_file(const VariableLookup& variable, const std::string& message) noexcept {
  try {
    const std::optional<std::string> path = variable("TORCHELASTIC_ERROR_FILE");
    if (!path || path->empty() || *path == "-") return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const std::string line = printable("golf-train: " + message, 4'095);
    // torchrun's summary shows the call stack in place of the message, and it reads the time as text.
    const Json extra = Json::object({{"py_callstack", line}, {"timestamp", std::to_string(seconds)}});
    const Json inner = Json::object({{"message", line}, {"extraInfo", extra}});
    const Json document = Json::object({{"message", inner}});
    write_file_atomic(*path, as_bytes(document.dump()));
  } catch (const std::exception&) {
  }
}

ExitCode with_error_file(const VariableLookup& variable, const std::function<ExitCode()>& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    write_error_file(variable, error.what());
    throw;
  }
}

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
