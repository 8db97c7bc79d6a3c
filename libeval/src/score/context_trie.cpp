#include "golf/score/context_trie.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

uint64_t hash(ContextTrie::NodeId context, uint16_t token) {
  uint64_t x = ((uint64_t{context} << 16) | token) * 0x9E3779B97F4A7C15U;
  x ^= x >> 29;
  return (x * 0xBF58476D1CE4E5B9U) >> 24;
}

}  // namespace

ContextTrie::ContextTrie(int max_order, int64_t max_nodes)
    : max_order_(max_order), max_nodes_(static_cast<size_t>(max_nodes)), nodes_(1), slots_(1024) {
  if (max_order < 1 || max_order > kMaxOrder) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("exact cache: order {}: need 1 to {}", max_order, kMaxOrder));
  }
  if (max_nodes < 1 || max_nodes > std::numeric_limits<NodeId>::max()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("exact cache: {} nodes: need 1 to 2^32 - 1", max_nodes));
  }
}

int64_t ContextTrie::bytes() const {
  return static_cast<int64_t>(nodes_.capacity() * sizeof(Node) + slots_.capacity() * sizeof(NodeId));
}

size_t ContextTrie::slot_of(NodeId context, uint16_t token) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash(context, token) & mask;; slot = (slot + 1) & mask) {
    const NodeId id = slots_[slot];
    if (id == 0 || (nodes_[id].parent == context && nodes_[id].token == token)) return slot;
  }
}

std::optional<ContextTrie::NodeId> ContextTrie::find(NodeId context, uint16_t token) const {
  const NodeId id = slots_[slot_of(context, token)];
  return id == 0 ? std::nullopt : std::optional(id);
}

std::optional<ContextTrie::NodeId> ContextTrie::find_or_add(NodeId context, uint16_t token) {
  size_t slot = slot_of(context, token);
  if (slots_[slot] != 0) return slots_[slot];
  if (nodes_.size() >= max_nodes_) return std::nullopt;
  if (2 * nodes_.size() >= slots_.size()) {
    grow();
    slot = slot_of(context, token);
  }
  slots_[slot] = static_cast<NodeId>(nodes_.size());
  nodes_.push_back({.parent = context, .token = token});
  return slots_[slot];
}

void ContextTrie::grow() {
  slots_.assign(2 * slots_.size(), 0);
  for (size_t id = 1; id < nodes_.size(); ++id) {
    slots_[slot_of(nodes_[id].parent, nodes_[id].token)] = static_cast<NodeId>(id);
  }
}

ContextTrie::Contexts ContextTrie::after(const Contexts& before, uint16_t token) const {
  Contexts contexts;
  const int longest = std::min(before.length, max_order_ - 1);
  while (contexts.length <= longest) {
    const auto id = find(before.node[static_cast<size_t>(contexts.length - 1)], token);
    if (!id) break;
    contexts.node[static_cast<size_t>(contexts.length++)] = *id;
  }
  return contexts;
}

ContextTrie::Contexts ContextTrie::visit(const Contexts& before, uint16_t token) {
  Contexts contexts;
  const int longest = std::min(before.length, max_order_ - 1);
  while (contexts.length <= longest) {
    const auto id = find_or_add(before.node[static_cast<size_t>(contexts.length - 1)], token);
    if (!id) break;
    contexts.node[static_cast<size_t>(contexts.length++)] = *id;
  }
  return contexts;
}

ContextTrie::Contexts ContextTrie::count(const Contexts& before, uint16_t token) {
  // Longest first: a shorter n-gram counts once for each longer one that ends in it.
  for (int k = before.length - 1; k >= 0; --k) {
    const NodeId context = before.node[static_cast<size_t>(k)];
    const auto id = find_or_add(context, token);
    if (!id) continue;
    const bool is_new = nodes_[*id].count == 0;
    ++nodes_[*id].count;
    ++nodes_[context].children_count;
    if (!is_new) break;
    ++nodes_[context].children;
  }
  return visit(before, token);
}

}  // namespace golf
