#include "golf/artifact/report/breakdown.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

SizeRow weights(const std::string& tensor, const std::string& group, int64_t layer, const std::string& scheme,
                uint64_t bytes) {
  SizeRow row;
  row.tensor = tensor;
  row.group = group;
  row.layer = layer;
  row.scheme = scheme;
  row.bytes = bytes;
  row.raw_bytes = 2 * bytes;
  row.elements = static_cast<int64_t>(bytes);
  return row;
}

SizeMap example() {
  SizeRow container;
  container.group = "container";
  container.part = BytePart::kContainer;
  container.bytes = 7;
  SizeMap sizes;
  sizes.rows = {weights("emb", "embeddings", -1, "int8", 100), weights("blocks.0.mlp", "mlp", 0, "int6", 50),
                weights("blocks.1.mlp", "mlp", 1, "int6", 40),
                weights("blocks.1.gain", "control", 1, "fp16", 3), container};
  sizes.file_bytes = 200;
  return sizes;
}

uint64_t sum(const std::vector<BreakdownRow>& rows) { return total_of(rows).bytes(); }

TEST(BreakDown, JoinsRowsByKeyAndPutsOverheadLast) {
  const std::vector<BreakdownRow> rows = break_down(example(), BreakdownKey::kGroup);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1].label, "mlp");
  EXPECT_EQ(rows[1].bytes(), 90U);
  EXPECT_EQ(rows[1].tensors.size(), 2U);
  EXPECT_EQ(bits_per_weight(rows[1]), "8.00");
  EXPECT_EQ(rows[3].label, "(container)");
  EXPECT_TRUE(rows[3].overhead);
  EXPECT_EQ(sum(rows), 200U);
}

TEST(BreakDown, KeepsATensorNamedLikeOverheadApart) {
  SizeMap sizes = example();
  sizes.rows[0].tensor = "(container)";
  const std::vector<BreakdownRow> rows = break_down(sizes, BreakdownKey::kTensor);
  EXPECT_EQ(rows.size(), 5U);
}

TEST(SelectRows, SumsWhatTopLeavesOutIntoOneRow) {
  const std::vector<BreakdownRow> rows =
      select_rows(example(), {.by = BreakdownKey::kTensor, .filter = "", .sort = "bytes", .top = 2});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].label, "emb");
  EXPECT_EQ(rows[2].label, "(3 others)");
  EXPECT_EQ(sum(rows), 200U);
}

TEST(SelectRows, SumsWhatTheFilterLeavesOutIntoOneRow) {
  const std::vector<BreakdownRow> rows =
      select_rows(example(), {.by = BreakdownKey::kLayer, .filter = "mlp", .sort = "name", .top = {}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].label, "layer 0");
  EXPECT_EQ(rows[2].label, "(outside --filter)");
  EXPECT_EQ(rows[2].bytes(), 110U);
  EXPECT_EQ(sum(rows), 200U);
}

TEST(SelectRows, RefusesBadKeysAndPatterns) {
  EXPECT_THROW(select_rows(example(), {.by = BreakdownKey::kGroup, .filter = "(", .sort = "", .top = {}}),
               Error);
  EXPECT_THROW(select_rows(example(), {.by = BreakdownKey::kGroup, .filter = "", .sort = "size", .top = {}}),
               Error);
}

}  // namespace
}  // namespace golf
