#include "golf/train/checkpoint/checkpoint_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "step_", kSuffix = ".safetensors";

/// The step in a checkpoint's name; nothing for names of other files.
std::optional<int64_t> step_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  int64_t step = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
  const bool whole = error == std::errc() && end == name.data() + name.size() && step >= 0;
  return whole ? std::optional(step) : std::nullopt;
}

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) {
    fail(ErrorCode::kIo, fmt::format("{}: cannot be removed: {}", printable(path.string()), error.message()));
  }
}

}  // namespace

std::string CheckpointFolder::file(int64_t step) const {
  return fmt::format("{}/{}{:06}{}", path_, kPrefix, step, kSuffix);
}

std::vector<int64_t> CheckpointFolder::steps() const {
  std::vector<int64_t> steps;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, none)) {
    const std::string name = entry.path().filename().string();
    const auto step = step_of(name);
    if (step && file(*step) == path_ + "/" + name) steps.push_back(*step);  // not "step_7"
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

void CheckpointFolder::write(int64_t step, ByteView bytes, int64_t keep) const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) {
    fail(ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", printable(path_), error.message()));
  }
  write_file_atomic(file(step), bytes);
  const std::vector<int64_t> all = steps();
  for (size_t i = 0; i + static_cast<size_t>(keep) < all.size(); ++i) remove_file(file(all[i]));
}

void CheckpointFolder::cut_back(int64_t step) const {
  for (const int64_t later : steps()) {
    if (later > step) remove_file(file(later));
  }
  remove_temporary_files(path_);
}

void CheckpointFolder::clear() const {
  cut_back(-1);
  std::error_code not_empty;
  fs::remove(path_, not_empty);
}

void remove_temporary_files(const std::string& folder) {
  constexpr std::string_view kPrefix = ".golf-";
  constexpr size_t kNameBytes = kPrefix.size() + 6;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || name.size() != kNameBytes) continue;
    std::error_code error;
    fs::remove(entry.path(), error);
    if (error) {
      fail(ErrorCode::kIo,
           fmt::format("{}: cannot be removed: {}", printable(entry.path().string()), error.message()));
    }
  }
}

}  // namespace golf
