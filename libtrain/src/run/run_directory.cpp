#include "golf/train/run/run_directory.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "checkpoint/temporary_files.h"
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
  std::vector<std::string> left = {submission(), evaluation(), artifact("golf"), artifact("ptz"), weights()};
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

}  // namespace golf
