#include "golf_eval/batch_lines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

[[noreturn]] void fail_lines(const std::string& path, const char* action) {
  const int error = errno;
  fail(ErrorCode::kIo, fmt::format("{}: cannot {}: {}", display_name(path), action, std::strerror(error)));
}

}  // namespace

BatchLines::BatchLines(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666)) {
  if (file_ < 0) fail_lines(path_, "open");
  try {
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      fail(ErrorCode::kInvalidArgument, fmt::format("{}: another process writes it", display_name(path_)));
    }
    const Bytes bytes = read_file(path_);
    const std::string_view text = as_text(bytes);
    size_t from = 0;
    for (size_t end = 0; (end = text.find('\n', from)) != std::string_view::npos; from = end + 1) {
      const std::string place = fmt::format("{}: line {}", display_name(path_), lines_.size() + 1);
      lines_.push_back(parse_json(text.substr(from, end - from), place));
      if (!lines_.back().is_object()) fail(ErrorCode::kCorruptData, place + ": is no JSON object");
    }
    // What a killed process did not finish.
    if (from < text.size() && ::ftruncate(file_, static_cast<off_t>(from)) != 0) fail_lines(path_, "cut");
  } catch (...) {
    ::close(file_);
    throw;
  }
}

BatchLines::~BatchLines() { ::close(file_); }

void BatchLines::append(Json line) {
  const std::string text = line.dump() + "\n";
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(file_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_lines(path_, "write");
    done += static_cast<size_t>(count);
  }
  if (::fsync(file_) != 0) fail_lines(path_, "write");
  lines_.push_back(std::move(line));
}

}  // namespace golf
