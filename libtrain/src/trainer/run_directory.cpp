#include "golf/train/trainer/run_directory.h"

#include <fmt/format.h>

#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace fs = std::filesystem;

RunDirectory::RunDirectory(std::string path, bool overwrite) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  std::error_code error;
  if (fs::exists(path_, error) && !fs::is_directory(path_, error)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: is not a folder: give the run another place", printable(path_)));
  }
  if (!overwrite && fs::exists(submission(), error)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: holds a finished run: give another folder, or --force to replace it",
                     printable(path_)));
  }
  fs::create_directories(path_, error);
  if (error)
    fail(ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", printable(path_), error.message()));
  for (const std::string& left : {submission(), evaluation(), artifact("golf"), artifact("ptz"), weights(),
                                  metrics(), log(), config()}) {
    fs::remove(left, error);
    if (error)
      fail(ErrorCode::kIo, fmt::format("{}: cannot be removed: {}", printable(left), error.message()));
  }
}

}  // namespace golf
