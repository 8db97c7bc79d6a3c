#include "common/run_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <system_error>

#include "common/console.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/encode/codec.h"

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

int report(std::string_view tool, std::string_view message, ExitCode code) {
  const std::string line = printable(fmt::format("{}: {}", tool, message), kMaxMessageBytes - 1);
  print_stderr(line + "\n");
  return static_cast<int>(code);
}

}  // namespace

std::string version_text(std::string_view tool, std::string_view libtorch_version) {
  std::string text = fmt::format("{} {} ({})\n", tool, project_version(), git_commit());
  for (const CodecRow& row : codec_table()) {
    if (row.id != CodecId::kStore) text += row.library_version() + "\n";
  }
  return text + fmt::format("LibTorch {}\n", libtorch_version);
}

ExitCode exit_code_of(ErrorCode code) {
  const bool failed = code == ErrorCode::kIo || code == ErrorCode::kRunFailed;
  return failed ? ExitCode::kRunFailed : ExitCode::kBadInput;
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
