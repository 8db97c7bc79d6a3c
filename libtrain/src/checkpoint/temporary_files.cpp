#include "checkpoint/temporary_files.h"

#include <fmt/format.h>

#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace fs = std::filesystem;

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
