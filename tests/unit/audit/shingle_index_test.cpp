#include "golf/audit/shingle_index.h"

#include <gtest/gtest.h>

#include <map>

#include "made_documents.h"

namespace golf {
namespace {

using test::Tokens;

TEST(Shingles, AreOfThirteenTokensEachOnce) {
  test::MadeDocuments made(1);
  const Tokens text = made.document(100);
  EXPECT_EQ(shingles_of(std::span(text).first(12)).size(), 0U);
  EXPECT_EQ(shingles_of(std::span(text).first(13)).size(), 1U);
  EXPECT_EQ(shingles_of(text).size(), 88U);
  EXPECT_EQ(shingles_of(Tokens(100, 7)).size(), 1U);
  Tokens twice = text;
  twice.insert(twice.end(), text.begin(), text.end());
  EXPECT_EQ(shingles_of(twice).size(), 88U + 12U);  // those across the seam
  // The rolled hash depends on its thirteen tokens alone.
  EXPECT_EQ(shared_shingles(shingles_of(std::span(text).subspan(40, 13)), shingles_of(text)), 1);
}

TEST(Shingles, SharedOnesAreCounted) {
  const std::vector<uint64_t> a = {1, 3, 5, 7}, b = {0, 3, 4, 7, 9};
  EXPECT_EQ(shared_shingles(a, b), 2);
  EXPECT_EQ(shared_shingles(a, a), 4);
  EXPECT_EQ(shared_shingles(a, {}), 0);
}

TEST(ShingleIndex, EstimatesWhatDocumentsShare) {
  test::MadeDocuments made(2);
  ShingleIndex index;
  std::vector<Tokens> texts;
  for (const size_t tokens : {20U, 200U, 2000U, 5000U}) texts.push_back(made.document(tokens));
  for (const Tokens& text : texts) index.add(shingles_of(text));
  index.finish();
  EXPECT_TRUE(index.candidates(made.document(3000)).empty());
  for (size_t i = 0; i < texts.size(); ++i) {
    // Half of the document inside another one.
    Tokens text = made.document(500);
    text.insert(text.end(), texts[i].begin(), texts[i].begin() + std::ssize(texts[i]) / 2 + 6);
    const auto found = index.candidates(text);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].document, static_cast<int64_t>(i));
    const auto shared = shared_shingles(shingles_of(text), shingles_of(texts[i]));
    EXPECT_NEAR(static_cast<double>(found[0].shared), static_cast<double>(shared),
                i < 2 ? 0 : 0.35 * static_cast<double>(shared));
  }
}

TEST(ShingleIndex, ListsTheFirstDocumentsOfAShingleThatManyHave) {
  test::MadeDocuments made(3);
  const Tokens text = made.document(30);
  ShingleIndex index;
  for (int i = 0; i < 100; ++i) index.add(shingles_of(text));
  index.finish();
  const auto found = index.candidates(text);
  ASSERT_EQ(std::ssize(found), ShingleIndex::kMostPostings);
  EXPECT_EQ(found.back().document, ShingleIndex::kMostPostings - 1);
  EXPECT_EQ(found.back().shared, 18);
}

}  // namespace
}  // namespace golf
