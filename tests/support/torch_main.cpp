// Runs GoogleTest with the model's code that the environment variable GOLF_CPU_PATH names, so that the paths
// of lesser processors are tested on any (golf/model/cpu_path.h). ATEN_CPU_CAPABILITY leads to all of them
// but libtorch.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "golf/model/cpu_path.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  testing::InitGoogleTest(&argc, argv);
  if (const char* name = std::getenv("GOLF_CPU_PATH")) {
    const std::optional<golf::CpuPath> path = golf::find_cpu_path(name);
    if (!path) {
      std::cerr << "GOLF_CPU_PATH: no path \"" << name << "\"; there are avx512, avx2, baseline, libtorch\n";
      return EXIT_FAILURE;
    }
    if (!golf::can_run(*path)) {
      std::cout << "skipped: this processor has no " << name << "\n";
      return kSkipped;
    }
    if (*path == golf::CpuPath::kLibTorch) golf::use_cpu_path(*path);
    if (golf::cpu_path() != *path) {
      std::cerr << "GOLF_CPU_PATH: " << golf::name_of(golf::cpu_path()) << " is in use, not " << name
                << ": set ATEN_CPU_CAPABILITY too\n";
      return EXIT_FAILURE;
    }
  }
  return RUN_ALL_TESTS();
}
