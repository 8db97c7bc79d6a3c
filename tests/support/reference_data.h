#pragma once

#include <gtest/gtest.h>

#include <string>

namespace golf::test {

/// The folder of golden results made by the submissions' own programs: $GOLF_REFERENCE_DATA, else
/// ../shared/data beside the checkout; empty when neither is there.
std::string reference_data();
/// $SOURCE/path.
std::string source_file(const std::string& path);

}  // namespace golf::test

/// Skips the test, saying why, when the reference data is absent.
#define GOLF_NEED_REFERENCE_DATA()                \
  if (golf::test::reference_data().empty()) {     \
    GTEST_SKIP() << "skipped: no reference data"; \
  }                                               \
  static_assert(true)
