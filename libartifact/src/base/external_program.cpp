#include "golf/artifact/base/external_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

[[noreturn]] void fail_system(const std::string& action, int error) {
  fail(ErrorCode::kIo, fmt::format("{}: {}", action, std::strerror(error)));
}

using TemporaryFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

TemporaryFile temporary_file(ByteView content = {}) {
  TemporaryFile file(std::tmpfile(), std::fclose);
  if (!file) fail_system("temporary file", errno);
  // fwrite takes no null pointer, which an empty view may have.
  const size_t written = content.empty() ? 0 : std::fwrite(content.data(), 1, content.size(), file.get());
  if (written != content.size() || std::fflush(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0) {
    fail_system("temporary file", errno);
  }
  return file;
}

/// The last `max_bytes` of a file.
std::string tail(std::FILE* file, long max_bytes) {
  std::string text(static_cast<size_t>(max_bytes), '\0');
  if (std::fseek(file, 0, SEEK_END) != 0) fail_system("temporary file", errno);
  if (std::fseek(file, std::max(0L, std::ftell(file) - max_bytes), SEEK_SET) != 0) {
    fail_system("temporary file", errno);
  }
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

/// For the C functions that take char* and change nothing.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  return result;
}

/// Whether one of the "NAME=value" settings has the variable's name.
bool is_among(std::string_view variable, const std::vector<std::string>& settings) {
  const auto name = [](std::string_view text) { return text.substr(0, text.find('=')); };
  return std::any_of(settings.begin(), settings.end(),
                     [&](const std::string& setting) { return name(setting) == name(variable); });
}

/// A started program; killed and waited for if nobody did.
class Child {
 public:
  Child(const std::vector<std::string>& command, const std::vector<std::string>& settings, int input,
        int output, int messages) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
    std::vector<char*> variables = pointers(settings);
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (!is_among(*variable, settings)) variables.push_back(*variable);
    }
    variables.push_back(nullptr);
    std::vector<char*> arguments = pointers(command);
    arguments.push_back(nullptr);
    const int error =
        posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0) return;
    pid_ = -1;
    if (error != ENOENT && error != EACCES) fail_system(command[0], error);
    fail(ErrorCode::kUnsupported,
         fmt::format("needs the program {0}, which is not installed: install {0}", command[0]));
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its exit status; nothing when a signal ended it.
  std::optional<int> wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

 private:
  pid_t pid_ = -1;
};

/// Everything up to the end, at most `max_bytes` and one more.
Bytes read_all(int fd, uint64_t max_bytes) {
  Bytes result;
  std::array<std::byte, 65'536> buffer;
  while (result.size() <= max_bytes) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("reading from a program", errno);
    if (count == 0) break;
    result.insert(result.end(), buffer.begin(), buffer.begin() + count);
  }
  return result;
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& command, ByteView input, uint64_t max_bytes,
                          const std::vector<std::string>& settings) {
  const TemporaryFile file = temporary_file(input);
  const TemporaryFile messages = temporary_file();
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_system("pipe", errno);
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  Child child(command, settings, ::fileno(file.get()), write_end.get(), ::fileno(messages.get()));
  write_end.close();
  ProgramResult result{.output = read_all(read_end.get(), max_bytes)};
  if (result.output.size() > max_bytes) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{} printed more than the {} bytes allowed", command[0], max_bytes));
  }
  result.status = child.wait();
  result.messages = tail(messages.get(), 4'096);
  return result;
}

Bytes run_filter(const std::vector<std::string>& command, ByteView input, uint64_t max_bytes,
                 const std::string& what, const std::vector<std::string>& settings) {
  try {
    ProgramResult result = run_program(command, input, max_bytes, settings);
    if (result.status != 0) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{} failed{}", command[0],
                       result.status ? fmt::format(" with exit status {}", *result.status) : ""));
    }
    return std::move(result.output);
  } catch (const Error& error) {
    fail_within(what, error);
  }
}

}  // namespace golf
