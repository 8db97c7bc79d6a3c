#include "common/run_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <system_error>

#include "common/console.h"

namespace golf {
namespace {

constexpr size_t kMaxMessageBytes = 4'096;

/// Fills closed standard descriptors with /dev/null. Standard output gets a descriptor that refuses writes,
/// so that losing the result is noticed.
void guard_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int filler = ::open("/dev/null", O_RDONLY);  // the lowest free descriptor is `fd`
    if (filler != fd && filler >= 0) ::close(filler);
  }
}

ExitCode exit_code_of(ErrorCode code) {
  const bool failed = code == ErrorCode::kIo || code == ErrorCode::kRunFailed;
  return failed ? ExitCode::kRunFailed : ExitCode::kBadInput;
}

int report(std::string_view tool, std::string_view message, ExitCode code) {
  const std::string line = one_line(fmt::format("{}: {}", tool, message), kMaxMessageBytes - 1);
  print_stderr(line + "\n");
  return static_cast<int>(code);
}

/// Bytes of the well-formed UTF-8 sequence that starts `text`, or 0.
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if ((first & 0xF0U) == 0xE0) {
    const bool overlong = first == 0xE0 && at(1) < 0xA0;
    const bool surrogate = first == 0xED && at(1) >= 0xA0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && at(1) < 0x90;
    const bool beyond = first == 0xF4 && at(1) >= 0x90;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

std::string one_line(std::string_view text, size_t max_bytes) {
  constexpr std::string_view kCut = "…";
  std::string line;
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    std::string shown(character);
    if (length == 0 || is_control(character)) {
      shown.clear();
      for (const char c : character) shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    if (line.size() + shown.size() + kCut.size() > max_bytes) return line.append(kCut);
    line += shown;
    text.remove_prefix(character.size());
  }
  return line;
}

int run_main(std::string_view tool, const std::function<ExitCode()>& body) {
  guard_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT(bugprone-signal-handler): write() then fails with EFBIG
  try {
    return static_cast<int>(body());
  } catch (const UsageError& error) {
    return report(tool, error.what(), ExitCode::kUsage);
  } catch (const Error& error) {
    return report(tool, error.what(), exit_code_of(error.code()));
  } catch (const std::bad_alloc&) {
    return report(tool, "out of memory", ExitCode::kRunFailed);
  } catch (const std::exception& error) {
    return report(tool, error.what(), ExitCode::kRunFailed);
  }
}

}  // namespace golf
