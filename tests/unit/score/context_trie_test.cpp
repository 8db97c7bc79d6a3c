#include "golf/score/context_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "support/error_matchers.h"

namespace golf {
namespace {

using Gram = std::vector<uint16_t>;

/// The node of an n-gram, or of the empty one.
std::optional<ContextTrie::NodeId> walk(const ContextTrie& trie, const Gram& gram) {
  ContextTrie::NodeId id = 0;
  for (const uint16_t token : gram) {
    const auto child = trie.find(id, token);
    if (!child) return std::nullopt;
    id = *child;
  }
  return id;
}

TEST(ContextTrie, HasKneserNeyCounts) {
  constexpr int kOrder = 4;
  std::mt19937 random(3);
  Gram stream;
  for (int i = 0; i < 3000; ++i)
    stream.push_back(static_cast<uint16_t>(random() % 2 == 0 ? random() % 5 : 0));
  ContextTrie trie(kOrder, 1 << 20);
  ContextTrie::Contexts contexts;
  for (const uint16_t token : stream) contexts = trie.count(contexts, token);

  // By definition: occurrences of the longest n-grams and of those at the very start, which nothing
  // precedes; different tokens before the others.
  std::map<Gram, uint32_t> expected;
  std::map<Gram, std::set<uint16_t>> predecessors;
  for (size_t end = 1; end <= stream.size(); ++end) {
    for (size_t n = 1; n <= std::min<size_t>(kOrder, end); ++n) {
      const Gram gram(stream.begin() + static_cast<std::ptrdiff_t>(end - n),
                      stream.begin() + static_cast<std::ptrdiff_t>(end));
      if (n == kOrder) {
        ++expected[gram];
      } else if (n == end) {
        ++expected[gram];
      } else {
        predecessors[gram].insert(stream[end - n - 1]);
      }
    }
  }
  for (const auto& [gram, before] : predecessors) expected[gram] += static_cast<uint32_t>(before.size());

  std::map<Gram, std::pair<uint32_t, uint32_t>> sums;
  for (const auto& [gram, count] : expected) {
    const auto id = walk(trie, gram);
    ASSERT_TRUE(id);
    EXPECT_EQ(trie.node(*id).count, count);
    auto& [total, children] = sums[Gram(gram.begin(), gram.end() - 1)];
    total += count;
    ++children;
  }
  for (const auto& [context, sum] : sums) {
    EXPECT_EQ(trie.node(*walk(trie, context)).children_count, sum.first);
    EXPECT_EQ(trie.node(*walk(trie, context)).children, sum.second);
  }
  EXPECT_EQ(trie.size(), static_cast<int64_t>(expected.size()) + 1);
}

TEST(ContextTrie, AfterFindsWhatCountMade) {
  ContextTrie trie(3, 100);
  ContextTrie::Contexts made;
  for (const uint16_t token : {1, 2, 3, 1, 2}) made = trie.count(made, token);
  ContextTrie::Contexts found;
  for (const uint16_t token : {1, 2}) found = trie.after(found, token);
  EXPECT_EQ(found.length, 3);
  EXPECT_EQ(found.node, made.node);
  EXPECT_EQ(trie.after(found, 9).length, 1);  // never seen: only the empty context is left
}

TEST(ContextTrie, StaysConsistentWhenFull) {
  ContextTrie trie(4, 50);
  std::mt19937 random(5);
  ContextTrie::Contexts contexts;
  for (int i = 0; i < 2000; ++i) contexts = trie.count(contexts, static_cast<uint16_t>(random() % 9));
  EXPECT_EQ(trie.size(), 50);
  std::vector<uint32_t> total(50);
  std::vector<uint32_t> children(50);
  for (ContextTrie::NodeId id = 1; id < 50; ++id) {
    total[trie.node(id).parent] += trie.node(id).count;
    children[trie.node(id).parent] += trie.node(id).count > 0;
  }
  for (ContextTrie::NodeId id = 0; id < 50; ++id) {
    EXPECT_EQ(trie.node(id).children_count, total[id]);
    EXPECT_EQ(trie.node(id).children, children[id]);
  }
}

TEST(ContextTrie, RefusesSizesThatMakeNoSense) {
  EXPECT_GOLF_ERROR(ContextTrie(0, 10), ErrorCode::kInvalidArgument, "order 0");
  EXPECT_GOLF_ERROR(ContextTrie(17, 10), ErrorCode::kInvalidArgument, "order 17");
  EXPECT_GOLF_ERROR(ContextTrie(3, 0), ErrorCode::kInvalidArgument, "0 nodes");
}

}  // namespace
}  // namespace golf
