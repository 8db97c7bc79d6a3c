#include "common/version.h"

#include <fmt/format.h>

#include "golf/artifact/encode/codec.h"

namespace golf {

std::string_view project_version() { return GOLF_VERSION; }

std::string_view git_commit() { return GOLF_GIT_COMMIT; }

std::string version_text(std::string_view tool, std::string_view libtorch_version) {
  std::string text = fmt::format("{} {} ({})\n", tool, project_version(), git_commit());
  for (const CodecRow& row : codec_table()) {
    if (row.id != CodecId::kStore) text += row.library_version() + "\n";
  }
  return text + fmt::format("LibTorch {}\n", libtorch_version);
}

}  // namespace golf
