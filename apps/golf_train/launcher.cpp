#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/console.h"
#include "golf/artifact/base/error.h"
#include "golf_train/process.h"

namespace golf {
namespace {

constexpr const char* kMark = "GOLF_LAUNCHED";  // tells a rank that this launcher started it

[[noreturn]] void fail_with_errno(const std::string& what) {
  fail(ErrorCode::kIo, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// A port of the loopback address that nobody listens on.
uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = descriptor >= 0 && ::bind(descriptor, generic, size) == 0 &&
                     ::getsockname(descriptor, generic, &size) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!found) fail_with_errno("no free port for the rendezvous of the ranks");
  return ntohs(address.sin_port);
}

/// This process's environment with torchrun's variables for one rank.
std::vector<std::string> rank_variables(int rank, int count, uint16_t port) {
  std::vector<std::string> variables;
  const std::vector<std::pair<std::string, std::string>> own = {{kMark, "1"},
                                                                {"RANK", std::to_string(rank)},
                                                                {"WORLD_SIZE", std::to_string(count)},
                                                                {"LOCAL_RANK", std::to_string(rank)},
                                                                {"LOCAL_WORLD_SIZE", std::to_string(count)},
                                                                {"MASTER_ADDR", "127.0.0.1"},
                                                                {"MASTER_PORT", std::to_string(port)}};
  const auto is_own = [&](std::string_view entry) {
    return std::any_of(own.begin(), own.end(),
                       [&](const auto& pair) { return entry.starts_with(pair.first + "="); });
  };
  bool threads_given = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    threads_given |= std::string_view(*entry).starts_with("OMP_NUM_THREADS=");
    if (!is_own(*entry)) variables.emplace_back(*entry);
  }
  for (const auto& [name, value] : own) variables.push_back(name + "=" + value);
  const auto processors = static_cast<int>(std::thread::hardware_concurrency());
  if (!threads_given) variables.push_back(fmt::format("OMP_NUM_THREADS={}", std::max(1, processors / count)));
  return variables;
}

/// Only calls that are safe between fork and exec follow the fork.
pid_t start(const char* const* argv, std::vector<std::string> variables) {
  std::vector<char*> entries;
  for (std::string& variable : variables) entries.push_back(variable.data());
  entries.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail_with_errno("cannot start a rank");
  if (child > 0) return child;
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);                     // a terminal's Ctrl-C comes once, by way of the launcher
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // no rank outlives the launcher
  if (::getppid() == parent) ::execve("/proc/self/exe", const_cast<char**>(argv), entries.data());
  ::_exit(static_cast<int>(ExitCode::kRunFailed));
}

/// The ranks of a run and how they end.
class Ranks {
 public:
  ~Ranks() { signal_all(SIGKILL); }

  void add(pid_t process) { processes_.push_back(process); }
  bool any_left() const {
    return std::any_of(processes_.begin(), processes_.end(), [](pid_t process) { return process != 0; });
  }
  int status() const { return status_; }
  bool failed() const { return status_ != 0; }

  void signal_all(int number) const {
    for (const pid_t process : processes_) {
      if (process != 0) ::kill(process, number);
    }
  }

  /// Takes note of the ranks that have ended.
  void collect() {
    int ended = 0;
    for (pid_t process = 0; (process = ::waitpid(-1, &ended, WNOHANG)) > 0;) {
      const auto found = std::find(processes_.begin(), processes_.end(), process);
      if (found == processes_.end()) continue;
      *found = 0;
      const int status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
      if (status == 0 || failed()) continue;
      status_ = status;
      if (WIFSIGNALED(ended)) {
        print_stderr(fmt::format("golf-train: rank {} was ended by signal {} ({})\n",
                                 found - processes_.begin(), WTERMSIG(ended), ::strsignal(WTERMSIG(ended))));
      }
    }
  }

 private:
  std::vector<pid_t> processes_;  // 0: ended
  int status_ = 0;
};

}  // namespace

bool is_launched_rank(const VariableLookup& variable) { return variable(kMark).has_value(); }

int launch_ranks(int count, double grace_seconds, const char* const* argv) {
  using Clock = std::chrono::steady_clock;
  sigset_t heard;
  sigemptyset(&heard);
  for (const int number : {SIGCHLD, SIGINT, SIGTERM}) sigaddset(&heard, number);
  ::sigprocmask(SIG_BLOCK, &heard, nullptr);

  const uint16_t port = free_port();
  Ranks ranks;
  for (int rank = 0; rank < count; ++rank) ranks.add(start(argv, rank_variables(rank, count, port)));
  Clock::time_point first_failure = Clock::time_point::max();
  while (ranks.any_left()) {
    timespec tick{.tv_sec = 0, .tv_nsec = 200'000'000};
    const int number = ::sigtimedwait(&heard, nullptr, &tick);
    if (number == SIGINT || number == SIGTERM) ranks.signal_all(number);
    ranks.collect();
    if (ranks.failed() && first_failure == Clock::time_point::max()) first_failure = Clock::now();
    if (ranks.failed() &&
        std::chrono::duration<double>(Clock::now() - first_failure).count() > grace_seconds) {
      ranks.signal_all(SIGKILL);
    }
  }
  return ranks.status();
}

}  // namespace golf
