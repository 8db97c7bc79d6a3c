#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/folder_limits.h"
#include "golf/artifact/budget/budget.h"

namespace golf {
namespace {

/// What is code in a folder: sources, and what Python imports in their place.
constexpr std::array<std::string_view, 15> kSourceEndings = {".py",  ".pyx", ".pxd", ".c",      ".cc",
                                                             ".cpp", ".cu",  ".cuh", ".h",      ".hpp",
                                                             ".sh",  ".so",  ".pyd", ".triton", ".ptx"};

bool is_source(const std::filesystem::path& path) {
  return std::ranges::find(kSourceEndings, path.extension().string()) != kSourceEndings.end();
}

/// The sources in a folder and its folders, by path in order; hidden folders and __pycache__ are passed over.
std::vector<std::string> sources_in(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> sources;
  uint64_t entries = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (++entries > limits::kFolderEntries) {
      fail(ErrorCode::kInvalidArgument, fmt::format("{}: more than {} files: give those that are code",
                                                    display_name(folder), limits::kFolderEntries));
    }
    if (entry->is_directory(ignored) && (name.starts_with('.') || name == "__pycache__")) {
      entry.disable_recursion_pending();
    } else if (is_source(entry->path()) && entry->is_regular_file(ignored)) {
      sources.push_back(entry->path().string());
    }
  }
  if (error)
    fail(ErrorCode::kIo, fmt::format("{}: cannot be listed: {}", display_name(folder), error.message()));
  if (sources.empty()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: a folder without code ({}): give files",
                                                  display_name(folder), fmt::join(kSourceEndings, ", ")));
  }
  std::ranges::sort(sources);
  return sources;
}

}  // namespace

std::vector<CodeFile> measure_code(const std::vector<std::string>& paths) {
  std::vector<CodeFile> files;
  std::vector<std::pair<dev_t, ino_t>> seen;
  const auto add = [&](const std::string& path) {
    const uint64_t bytes = read_file(path).size();
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      const auto found = std::ranges::find(seen, std::pair(info.st_dev, info.st_ino));
      if (found != seen.end()) {
        ++files[static_cast<size_t>(found - seen.begin())].given;
        return;
      }
      seen.emplace_back(info.st_dev, info.st_ino);
    } else {
      seen.emplace_back();  // a pipe
    }
    files.push_back({path, bytes});
  };
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) {
      add(path);
      continue;
    }
    for (const std::string& source : sources_in(path)) add(source);
  }
  return files;
}

}  // namespace golf
