#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace golf {

/// Exact counts of n-grams of tokens, n = 1 … max_order, as Kneser–Ney smoothing wants them: the longest
/// n-grams by how often they were seen, shorter ones by how many different tokens they were seen after.
///
/// Every n-gram is a node, found from the node of its first n − 1 tokens by its last token in one
/// open-addressing table that compares both: nothing collides. A node is thus an n-gram and, for n <
/// max_order, the context of longer ones. Node 0 is the empty context.
class ContextTrie {
 public:
  static constexpr int kMaxOrder = 16;
  using NodeId = uint32_t;

  struct Node {
    NodeId parent = 0;
    uint32_t count = 0;           ///< of the n-gram
    uint32_t children_count = 0;  ///< sum of its children's counts
    uint32_t children = 0;        ///< with a count
    uint16_t token = 0;
  };

  /// The nodes of the contexts before one target: node[k] of the k tokens before it, k < length.
  /// A context that was never seen ends the list: none of the longer ones was.
  struct Contexts {
    std::array<NodeId, kMaxOrder> node{};
    int length = 1;
  };

  /// @param max_nodes  n-grams beyond that many are not taken in; counts stay consistent
  ContextTrie(int max_order, int64_t max_nodes);

  int max_order() const { return max_order_; }
  int64_t size() const { return static_cast<int64_t>(nodes_.size()); }
  /// Of nodes and table.
  int64_t bytes() const;
  const Node& node(NodeId id) const { return nodes_[id]; }
  /// The n-gram "context, token", if it is there.
  std::optional<NodeId> find(NodeId context, uint16_t token) const;

  /// The contexts of the position after `token`.
  Contexts after(const Contexts& before, uint16_t token) const;
  /// Counts `token` in the contexts before it, and returns the contexts after it.
  Contexts count(const Contexts& before, uint16_t token);
  /// As count() without counting: makes the contexts that later tokens are counted in.
  Contexts visit(const Contexts& before, uint16_t token);

 private:
  size_t slot_of(NodeId context, uint16_t token) const;
  /// Nothing when the trie is full.
  std::optional<NodeId> find_or_add(NodeId context, uint16_t token);
  void grow();

  int max_order_;
  size_t max_nodes_;
  std::vector<Node> nodes_;
  std::vector<NodeId> slots_;  ///< 0 is empty: node 0 is no one's child
};

}  // namespace golf
