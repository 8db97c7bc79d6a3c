#include "golf/artifact/text/shards.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

void touch(const std::string& path) { write_file_atomic(path, as_bytes("x")); }

TEST(SidecarName, StandsBeforeTheNumber) {
  EXPECT_EQ(sidecar_name("d/fineweb_val_000000.bin"), "d/fineweb_val_bytes_000000.bin");
  EXPECT_EQ(sidecar_name("text.bin"), "text_bytes.bin");
  EXPECT_EQ(sidecar_name("v1.bin"), "v1_bytes.bin");
  for (const std::string shard : {"d/fineweb_val_000000.bin", "text.bin", "v1.bin"}) {
    EXPECT_FALSE(is_sidecar_name(shard));
    EXPECT_TRUE(is_sidecar_name(sidecar_name(shard)));
  }
}

TEST(FindShards, NeverTakesASidecarForAShard) {
  const test::TempDir dir;
  for (const char* name : {"fineweb_val_000001.bin", "fineweb_val_000000.bin", "fineweb_val_bytes_000000.bin",
                           "fineweb_train_000000.bin"}) {
    touch(dir.file(name));
  }
  const std::vector<ShardFiles> expected = {
      {dir.file("fineweb_val_000000.bin"), dir.file("fineweb_val_bytes_000000.bin")},
      {dir.file("fineweb_val_000001.bin"), ""}};
  EXPECT_EQ(find_shards(dir.path()), expected);
  EXPECT_EQ(find_shards(dir.file("fineweb_val_*.bin")), expected);
  EXPECT_EQ(find_shards(dir.file("fineweb_val_000000.bin")), std::vector{expected[0]});
  EXPECT_EQ(find_shards(dir.path(), kTrainingShards),
            (std::vector<ShardFiles>{{dir.file("fineweb_train_000000.bin"), ""}}));
  EXPECT_GOLF_ERROR(find_shards(dir.file("fineweb_val_bytes_000000.bin")), ErrorCode::kInvalidArgument,
                    "give the shard fineweb_val_000000.bin");
  EXPECT_GOLF_ERROR(find_shards(dir.file("*_bytes_*.bin")), ErrorCode::kInvalidArgument, "sidecars alone");
  EXPECT_GOLF_ERROR(find_shards(dir.file("w_*.bin")), ErrorCode::kInvalidArgument, "no file matches");
}

TEST(FindShards, TakesAFileOfExactlyThatNameBeforeAPattern) {
  const test::TempDir dir;
  touch(dir.file("val[1].bin"));
  touch(dir.file("val1.bin"));
  EXPECT_EQ(find_shards(dir.file("val[1].bin"))[0].path, dir.file("val[1].bin"));
  EXPECT_EQ(find_shards(dir.file("val[1-3].bin"))[0].path, dir.file("val1.bin"));
  const std::string folder = dir.file("a[b]*");
  std::filesystem::create_directory(folder);
  touch(folder + "/fineweb_val_000000.bin");
  EXPECT_EQ(find_shards(folder)[0].path, folder + "/fineweb_val_000000.bin");
}

TEST(FindShards, LeavesStandardInputAlone) {
  EXPECT_EQ(find_shards("-"), (std::vector<ShardFiles>{{"-", ""}}));
}

}  // namespace
}  // namespace golf
