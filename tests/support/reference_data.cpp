#include "support/reference_data.h"

#include <cstdlib>
#include <filesystem>

namespace golf::test {

std::string reference_data() {
  const char* given = std::getenv("GOLF_REFERENCE_DATA");
  const std::string path = given != nullptr ? given : source_file("../shared/data");
  return std::filesystem::is_directory(path + "/reference") ? path : "";
}

std::string source_file(const std::string& path) { return std::string(GOLF_SOURCE_DIR) + "/" + path; }

}  // namespace golf::test
