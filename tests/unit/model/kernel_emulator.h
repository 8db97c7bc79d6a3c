#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/cuda/driver.h"

namespace golf::test {

/// Runs the GPU kernels of CPU tensors in the emulator of support/simt.h.
class KernelEmulator : public cuda::KernelRunner {
 public:
  void run(const std::string& kernel, int64_t blocks, const void* arguments) override;
  const std::set<std::string>& kernels_run() const { return run_; }

 private:
  std::set<std::string> run_;
};

/// Every kernel in every type and size that the operations ask for.
std::vector<std::string> all_kernels();

}  // namespace golf::test
