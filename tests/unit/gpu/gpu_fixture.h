#pragma once

#include <ATen/Context.h>
#include <gtest/gtest.h>

namespace golf::test {

/// Tests that need a GPU; elsewhere they are skipped.
class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!at::hasCUDA()) GTEST_SKIP() << "skipped: no GPU";
  }
  /// The challenge's run allows the flash kernel alone; back to all when the test is over.
  void TearDown() override { allow_kernels(/*flash_alone=*/false); }

  static void allow_kernels(bool flash_alone) {
    at::Context& context = at::globalContext();
    context.setSDPUseFlash(true);
    context.setSDPUseCuDNN(!flash_alone);
    context.setSDPUseMemEfficient(!flash_alone);
    context.setSDPUseMath(!flash_alone);
  }
};

}  // namespace golf::test
