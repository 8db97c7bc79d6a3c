// golf-make-fuzz-seeds FOLDER: writes every harness's seeds into FOLDER/NAME/.
#include <cstdio>
#include <filesystem>

#include "fuzz/harness.h"
#include "golf/artifact/base/file.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    for (const golf::fuzz::Harness* harness : golf::fuzz::harnesses()) {
      const std::filesystem::path folder = std::filesystem::path(argv[1]) / harness->name;
      std::filesystem::create_directories(folder);
      int count = 0;
      for (const golf::Bytes& seed : harness->seeds()) {
        golf::write_file_atomic((folder / ("seed-" + std::to_string(count++))).string(), seed);
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "golf-make-fuzz-seeds: %s\n", error.what());
    return 1;
  }
}
