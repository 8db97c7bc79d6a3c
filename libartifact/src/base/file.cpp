#include "golf/artifact/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

[[noreturn]] void fail_io(const std::string& path, std::string_view action) {
  const int error = errno;
  fail(ErrorCode::kIo, fmt::format("{}: cannot {}: {}", printable(path), action, std::strerror(error)));
}

Bytes read_descriptor(int fd, const std::string& name, uint64_t size_hint, uint64_t max_bytes) {
  Bytes bytes;
  bytes.reserve(std::min(size_hint, max_bytes) + 1);
  while (true) {
    const size_t used = bytes.size();
    // What is reserved first: a file of the expected size then never moves, and its end is found with one
    // byte.
    const size_t room = bytes.capacity() - used;
    const size_t chunk = std::clamp<size_t>(room > 0 ? room : used, room > 0 ? 1 : 1 << 16, 1 << 24);
    bytes.resize(used + chunk);
    const ssize_t got = ::read(fd, bytes.data() + used, chunk);
    if (got < 0) {
      bytes.resize(used);
      if (errno == EINTR) continue;
      fail_io(name, "read");
    }
    bytes.resize(used + static_cast<size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > max_bytes) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{}: over the limit of {} bytes for an input", printable(name), max_bytes));
    }
  }
}

void write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      fail_io(path, "write");
    }
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Follows symbolic links so that the file they name is replaced, not the link itself.
std::string resolve_links(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string result(resolved);
  ::free(resolved);
  return result;
}

}  // namespace

Bytes read_file(const std::string& path, uint64_t max_bytes) {
  if (path == "-") return read_descriptor(STDIN_FILENO, "standard input", 0, max_bytes);
  // O_NONBLOCK: opening a pipe without a writer must not hang before its kind is known.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    const int error = errno;
    const ErrorCode code =
        error == EMFILE || error == ENFILE || error == EIO ? ErrorCode::kIo : ErrorCode::kInvalidArgument;
    fail(code, fmt::format("{}: cannot open: {}", printable(path), std::strerror(error)));
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail_io(path, "stat");
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: is not a regular file or pipe: give a file, or - for standard input",
                     printable(path)));
  }
  const auto size = S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
  if (size > max_bytes) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: has {} bytes, over the limit of {} for an input",
                                                  printable(path), size, max_bytes));
  }
  ::fcntl(file.get(), F_SETFL, ::fcntl(file.get(), F_GETFL) & ~O_NONBLOCK);
  return read_descriptor(file.get(), path, size, max_bytes);
}

void write_file_atomic(const std::string& path, ByteView bytes) {
  if (path == "-") {
    write_all(STDOUT_FILENO, bytes, "standard output");
    return;
  }
  const std::string target = resolve_links(path);
  struct stat info {};
  if (::stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    fail(ErrorCode::kIo, fmt::format("{}: is not a regular file: choose another output", printable(path)));
  }
  std::string temporary = folder_of(target) + "/.golf-XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) fail_io(path, "create a temporary file beside it");
  try {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(file.get(), 0666 & ~mask) != 0) fail_io(path, "set the mode");
    write_all(file.get(), bytes, path);
    if (::fsync(file.get()) != 0) fail_io(path, "sync");
    if (::close(file.release()) != 0) fail_io(path, "close");
    if (::rename(temporary.c_str(), target.c_str()) != 0)
      fail_io(path, "rename the finished file into place");
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

std::vector<std::string> expand_glob(const std::string& pattern) {
  struct stat info {};
  const bool is_file = ::stat(pattern.c_str(), &info) == 0;
  if (is_file || pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  glob_t found{};
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths;
  if (status == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (paths.empty()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: no file matches: check the path", printable(pattern)));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string display_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

}  // namespace golf
