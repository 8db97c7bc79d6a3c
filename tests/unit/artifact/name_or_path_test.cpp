#include "golf/artifact/base/name_or_path.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "golf/artifact/base/file.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

const std::array<std::string, 2> kNames = {"best", "pr192"};

TEST(NameOrPath, FindsABuiltInName) { EXPECT_EQ(resolve_name_or_path("pr192", kNames, "recipe"), 1U); }

TEST(NameOrPath, TakesWhatReadsAsAPathForOne) {
  for (const char* path : {"-", "./best", "folder/mine", "absent.json"}) {
    EXPECT_EQ(resolve_name_or_path(path, kNames, "recipe"), std::nullopt) << path;
  }
}

TEST(NameOrPath, TakesAFileWithoutAnEndingForAPath) {
  const test::TempDir dir;
  write_file_atomic(dir.file("myrecipe"), as_bytes("{}"));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(dir.file("x")).parent_path());
  EXPECT_TRUE(is_path("myrecipe"));
  EXPECT_FALSE(is_path("yourrecipe"));
  std::filesystem::current_path(before);
}

TEST(NameOrPath, ListsTheNamesAndSuggestsTheNearest) {
  EXPECT_GOLF_ERROR(resolve_name_or_path("bets", kNames, "recipe"), ErrorCode::kInvalidArgument,
                    "recipe \"bets\" is not built in: did you mean \"best\"?");
  EXPECT_GOLF_ERROR(resolve_name_or_path("nothing", kNames, "recipe"), ErrorCode::kInvalidArgument,
                    "(best, pr192): give one of these or a JSON file");
}

}  // namespace
}  // namespace golf
