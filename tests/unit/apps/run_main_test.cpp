#include "common/run_main.h"

#include <gtest/gtest.h>

namespace golf {
namespace {

TEST(RunMain, MapsWhatIsThrownToTheExitStatus) {
  const auto status = [](const auto& thrower) {
    return run_main("test", [&]() -> ExitCode {
      thrower();
      return ExitCode::kDone;
    });
  };
  testing::internal::CaptureStderr();
  EXPECT_EQ(status([] {}), 0);
  EXPECT_EQ(status([] { throw UsageError("bad option"); }), 2);
  EXPECT_EQ(status([] { fail(ErrorCode::kInvalidArgument, "no such file"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kCorruptData, "damaged"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kUnsupported, "unknown"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kMismatch, "other model"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kIo, "disk full"); }), 4);
  EXPECT_EQ(status([] { throw std::bad_alloc(); }), 4);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "test: bad option\ntest: no such file\ntest: damaged\ntest: unknown\ntest: other model\n"
            "test: disk full\ntest: out of memory\n");
}

}  // namespace
}  // namespace golf
