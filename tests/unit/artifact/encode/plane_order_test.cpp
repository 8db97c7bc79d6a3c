#include "encode/plane_order.h"

#include <gtest/gtest.h>

#include <numeric>

namespace golf {
namespace {

Bytes counting(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

std::vector<int> numbers(const Bytes& bytes) {
  std::vector<int> values;
  for (const std::byte byte : bytes) values.push_back(std::to_integer<int>(byte));
  return values;
}

TEST(PlaneOrder, TransposesEveryMatrixAndLeavesOtherRanks) {
  const std::vector<StreamTensor> members = {{{2, 3}, 1}, {{2}, 1}, {{1, 2}, 1}, {{0, 4}, 1}, {{}, 1}};
  const Bytes ordered = apply_order(PlaneOrder::kTransposed, members, counting(11));
  EXPECT_EQ(numbers(ordered), (std::vector<int>{0, 3, 1, 4, 2, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(undo_order(PlaneOrder::kTransposed, members, ordered), counting(11));
}

TEST(PlaneOrder, SplitsElementsIntoBytePlanesOverTheWholeStream) {
  const std::vector<StreamTensor> members = {{{2}, 2}, {{1, 1}, 2}};
  const Bytes ordered = apply_order(PlaneOrder::kBytePlanes, members, counting(6));
  EXPECT_EQ(numbers(ordered), (std::vector<int>{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(undo_order(PlaneOrder::kBytePlanes, members, ordered), counting(6));
}

TEST(PlaneOrder, UndoesItselfForShapesOverATile) {
  for (const PlaneOrder order : {PlaneOrder::kAsIs, PlaneOrder::kTransposed, PlaneOrder::kBytePlanes}) {
    const std::vector<StreamTensor> members = {{{130, 67}, 1}, {{1, 200}, 1}, {{200, 1}, 1}};
    const Bytes raw = counting(130 * 67 + 400);
    EXPECT_EQ(undo_order(order, members, apply_order(order, members, raw)), raw);
  }
  const std::vector<StreamTensor> wide = {{{77, 3}, 4}};
  const Bytes raw = counting(77 * 3 * 4);
  EXPECT_EQ(undo_order(PlaneOrder::kBytePlanes, wide, apply_order(PlaneOrder::kBytePlanes, wide, raw)), raw);
}

TEST(PlaneOrder, AppliesOnlyWhereElementWidthsAllow) {
  const std::vector<StreamTensor> mixed = {{{2}, 1}, {{2}, 2}};
  EXPECT_TRUE(order_applies(PlaneOrder::kAsIs, mixed));
  EXPECT_FALSE(order_applies(PlaneOrder::kTransposed, mixed));
  EXPECT_FALSE(order_applies(PlaneOrder::kBytePlanes, mixed));
  EXPECT_TRUE(order_applies(PlaneOrder::kBytePlanes, std::vector<StreamTensor>{{{2}, 4}, {{3}, 4}}));
  EXPECT_FALSE(order_applies(static_cast<PlaneOrder>(9), mixed));
}

}  // namespace
}  // namespace golf
