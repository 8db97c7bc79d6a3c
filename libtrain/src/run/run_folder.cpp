#include "golf/train/run/run_folder.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/train/checkpoint/checkpoint_folder.h"

namespace golf {
namespace fs = std::filesystem;

std::string run_checkpoints(const std::string& run_dir) { return run_dir + "/checkpoints"; }

RunDirectory::RunDirectory(std::string path, RunStart start) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  std::error_code error;
  if (fs::exists(path_, error) && !fs::is_directory(path_, error)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: is not a folder: give the run another place", printable(path_)));
  }
  refuse_earlier_run(start);
  fs::create_directories(path_, error);
  if (error)
    fail(ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", printable(path_), error.message()));
  lock();
  clear(start);
}

void RunDirectory::refuse_earlier_run(RunStart start) const {
  std::error_code none;
  if (start != RunStart::kReplace && fs::exists(submission(), none)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: holds a finished run: give another folder, or --force to replace it",
                     printable(path_)));
  }
  if (start == RunStart::kNew && !CheckpointFolder(checkpoints()).steps().empty()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: holds a run that was cut off: --resume to continue it, --force to replace it",
                     printable(path_)));
  }
}

void RunDirectory::lock() {
  held_.reset(::opendir(path_.c_str()));
  if (!held_) {
    fail(ErrorCode::kIo, fmt::format("{}: cannot open: {}", printable(path_), std::strerror(errno)));
  }
  // A file system without locks goes without.
  if (::flock(::dirfd(held_.get()), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: another process trains there: wait for it to end, or give another folder",
                     printable(path_)));
  }
}

void RunDirectory::clear(RunStart start) const {
  remove_temporary_files(path_);
  std::vector<std::string> left = {submission(), evaluation(),  artifact("golf"), artifact("ptz"),
                                   weights(),    calibration(), receipt()};
  if (start != RunStart::kContinue) {
    CheckpointFolder(checkpoints()).clear();
    left.insert(left.end(), {metrics(), log(), config()});
  }
  for (const std::string& path : left) {
    std::error_code error;
    fs::remove(path, error);
    if (error)
      fail(ErrorCode::kIo, fmt::format("{}: cannot be removed: {}", printable(path), error.message()));
  }
}

namespace {

[[noreturn]] void fail_write(const std::string& path) {
  fail(ErrorCode::kIo, fmt::format("{}: cannot be written: {}", printable(path), std::strerror(errno)));
}

/// Where the last whole line among the first `most` bytes of a file ends; 0 without a file.
uint64_t whole_lines(const std::string& path, uint64_t most) {
  if (most == 0 || !std::filesystem::exists(path)) return 0;
  const Bytes bytes = read_file(path);
  return as_text(bytes).substr(0, most).rfind('\n') + 1;  // npos + 1 is 0
}

}  // namespace

LineFile::LineFile(std::string path, uint64_t keep_bytes)
    : path_(std::move(path)), bytes_(whole_lines(path_, keep_bytes)) {
  if (bytes_ > 0 && ::truncate(path_.c_str(), static_cast<off_t>(bytes_)) != 0) fail_write(path_);
  file_.reset(std::fopen(path_.c_str(), bytes_ > 0 ? "ae" : "we"));
  if (!file_) fail_write(path_);
}

void LineFile::write(const std::string& line) {
  const std::string text = line + "\n";
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    fail_write(path_);
  }
  bytes_ += text.size();
}

RunLog::RunLog(const std::string& log_path, const std::string& metrics_path,
               std::function<void(const std::string&)> on_line, const LogExtent& keep)
    : log_(std::make_unique<LineFile>(log_path, keep.log_bytes)),
      metrics_(std::make_unique<LineFile>(metrics_path, keep.metrics_bytes)),
      on_line_(std::move(on_line)) {}

void RunLog::line(const std::string& text) {
  if (log_) log_->write(text);
  if (on_line_) on_line_(text);
}

void RunLog::metrics(const Json& record) {
  if (metrics_) metrics_->write(record.dump());
}

LogExtent RunLog::extent() const {
  return {.log_bytes = log_ ? log_->bytes() : 0, .metrics_bytes = metrics_ ? metrics_->bytes() : 0};
}

}  // namespace golf
