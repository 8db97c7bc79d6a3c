#include <gtest/gtest.h>

#include <algorithm>

#include "golf/artifact/base/half.h"
#include "golf/artifact/quantize/fit.h"

namespace golf {
namespace {

StoredTensor int_rows(const std::string& name, int bits, const std::vector<float>& scales,
                      const std::vector<int8_t>& values) {
  StoredTensor stored{.name = name, .encoding = Encoding::kIntPerRow, .bits = bits};
  const auto rows = static_cast<int64_t>(scales.size());
  stored.values = make_tensor<int8_t>(DType::kI8, {rows, static_cast<int64_t>(values.size()) / rows}, values);
  std::vector<uint16_t> halves;
  for (const float scale : scales) halves.push_back(f32_to_f16(scale));
  stored.scales = make_tensor<uint16_t>(DType::kF16, {rows}, halves);
  return stored;
}

/// ±1 with scales 2, 1, 1, 0.5 in this order, and an int8 tensor that is never touched.
StoredModel model() {
  StoredModel model;
  model.tensors.push_back(int_rows("a", 6, {2, 1}, {1, 0, 5, 1, -1, 2}));
  model.tensors.push_back(int_rows("table", 8, {0.1F}, {1, 1}));
  model.tensors.push_back(int_rows("b", 6, {0.5F, 1}, {-1, 3, 1, 2}));
  return model;
}

/// A packer that charges ten bytes for every non-zero integer.
uint64_t ten_a_value(const StoredModel& model) {
  uint64_t bytes = 0;
  for (const StoredTensor& stored : model.tensors) {
    const auto values = stored.values.values<int8_t>();
    bytes += 10 * static_cast<uint64_t>(
                      std::count_if(values.begin(), values.end(), [](int8_t q) { return q != 0; }));
  }
  return bytes;
}

std::vector<int> values(const StoredModel& model, size_t tensor) {
  const auto q = model.tensors[tensor].values.values<int8_t>();
  return {q.begin(), q.end()};
}

TEST(PruneToFit, LeavesAModelThatFitsAlone) {
  StoredModel pruned = model();
  const PruneReport report = prune_to_fit(pruned, 110, ten_a_value);
  EXPECT_EQ(report.candidates, 5U);
  EXPECT_EQ(report.zeroed, 0U);
  EXPECT_EQ(report.unpruned_bytes, 110U);
  EXPECT_TRUE(report.fits);
  EXPECT_EQ(values(pruned, 0), values(model(), 0));
}

TEST(PruneToFit, ZeroesTheCheapestAndOfEqualOnesTheEarliest) {
  StoredModel pruned = model();
  const PruneReport report = prune_to_fit(pruned, 95, ten_a_value);
  EXPECT_EQ(report.zeroed, 2U) << "the smallest count that fits";
  EXPECT_EQ(report.pruned_bytes, 90U);
  EXPECT_TRUE(report.fits);
  EXPECT_EQ(values(pruned, 2), (std::vector<int>{0, 3, 1, 2})) << "scale 0.5 first";
  EXPECT_EQ(values(pruned, 0), (std::vector<int>{1, 0, 5, 0, -1, 2})) << "then the first of scale 1";
}

TEST(PruneToFit, ZeroesThemAllWhenEvenThatDoesNotSuffice) {
  StoredModel pruned = model();
  const PruneReport report = prune_to_fit(pruned, 10, ten_a_value);
  EXPECT_EQ(report.zeroed, 5U);
  EXPECT_FALSE(report.fits);
  EXPECT_EQ(values(pruned, 0), (std::vector<int>{0, 0, 5, 0, 0, 2}));
  EXPECT_EQ(values(pruned, 1), (std::vector<int>{1, 1})) << "int8 is never pruned";
}

TEST(PruneToFit, TakesModelsWithoutCandidates) {
  StoredModel empty;
  EXPECT_FALSE(prune_to_fit(empty, 0, [](const StoredModel&) { return uint64_t{1}; }).fits);
  StoredModel hollow;
  hollow.tensors.push_back(int_rows("a", 6, {1}, {}));
  EXPECT_EQ(prune_to_fit(hollow, 0, ten_a_value).candidates, 0U);
}

}  // namespace
}  // namespace golf
