#include "golf/train/checkpoint/checkpoint_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

using Steps = std::vector<int64_t>;

TEST(CheckpointFolder, KeepsTheNewestInTheOrderOfTheirSteps) {
  const test::TempDir dir;
  const CheckpointFolder folder(dir.file("run/checkpoints"));
  EXPECT_EQ(folder.steps(), Steps{});
  for (const int64_t step : {5, 999'999, 1'000'000}) folder.write(step, as_bytes("x"), 2);
  EXPECT_EQ(folder.steps(), (Steps{999'999, 1'000'000}));
  EXPECT_EQ(folder.file(5), dir.file("run/checkpoints/step_000005.safetensors"));
  folder.write(1'000'001, as_bytes("y"), 1);
  EXPECT_EQ(folder.steps(), (Steps{1'000'001}));
  EXPECT_EQ(as_text(read_file(folder.file(1'000'001))), "y");
}

TEST(CheckpointFolder, CutsBackWithoutTouchingOtherFiles) {
  const test::TempDir dir;
  const CheckpointFolder folder(dir.path());
  for (const int64_t step : {1, 2, 3}) folder.write(step, as_bytes("x"), 9);
  const std::vector<std::string> others = {"notes.md", "step_4.safetensors", "step_000004.pt",
                                           "step_x.safetensors"};
  for (const std::string& name : others) write_file_atomic(dir.file(name), as_bytes("x"));
  write_file_atomic(dir.file(".golf-a1b2c3"), as_bytes("x"));
  folder.cut_back(2);
  EXPECT_EQ(folder.steps(), (Steps{1, 2}));
  EXPECT_FALSE(std::filesystem::exists(dir.file(".golf-a1b2c3")));
  folder.clear();
  EXPECT_EQ(folder.steps(), Steps{});
  for (const std::string& name : others) EXPECT_TRUE(std::filesystem::exists(dir.file(name))) << name;
}

TEST(CheckpointFolder, IsGoneWhenNothingElseIsInIt) {
  const test::TempDir dir;
  const CheckpointFolder folder(dir.file("checkpoints"));
  folder.write(1, as_bytes("x"), 2);
  folder.clear();
  EXPECT_FALSE(std::filesystem::exists(dir.file("checkpoints")));
  folder.clear();
}

}  // namespace
}  // namespace golf
