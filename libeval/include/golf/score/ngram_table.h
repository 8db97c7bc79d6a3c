#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace golf {

/// PR 993's hashed n-gram counts: for each order n two tables of uint32 buckets, one for contexts (the n − 1
/// tokens before a target) and one for full n-grams (context and target). Different n-grams may share a
/// bucket; nothing is verified.
///
/// The hash of tokens t₀ … t_{m−1}, oldest first, is XOR of t_k · P[k mod 7] in uint64, and the bucket is its
/// low bits. So the full n-gram of order n at a target has the hash of the context of order n + 1 at the next
/// one. Both counts lie side by side in one cell, and a target touches orders + 1 cache lines, not 2 ·
/// orders.
///
/// Tokens before the start of the stream are taken from its end, as Python's negative indices do. With a
/// single order PR 993 leaves targets with too few tokens before them out instead: neither matched nor
/// counted. Source: docs/SUBMISSIONS.md, PR 993, Evaluation; the single order from its eval_dev figures.
class NgramTable {
 public:
  /// @param buckets  for each table, a power of two
  /// @throws Error kInvalidArgument unless 2 ≤ min_order ≤ max_order ≤ 64 and 1,024 ≤ buckets ≤ 2^31
  NgramTable(int min_order, int max_order, int64_t buckets);

  int min_order() const { return min_order_; }
  int max_order() const { return max_order_; }
  int64_t buckets() const { return buckets_; }
  /// 2 tables · orders · buckets · 4 bytes.
  int64_t bytes() const;
  /// All counts to 0.
  void clear();

  /// Chooses the run of targets that the calls below are about, and finds their buckets.
  void seek(std::span<const uint16_t> stream, int64_t first_target, int64_t count);

  /// What backoff finds: the highest order whose context was seen at least `min_count` times.
  struct Match {
    int order = 0;  ///< 0: none
    uint32_t context_count = 0;
    uint32_t full_count = 0;  ///< of context and target
  };
  /// For the i-th target of the run. Fetches a few targets ahead.
  Match longest_match(int64_t i, uint32_t min_count) const;
  /// Count of the context before the i-th target with `token` in the target's place.
  uint32_t full_count(int64_t i, int order, uint16_t token) const;

  /// Counts every target of the run once in every table, repeated ones each time.
  void add_run();

 private:
  friend struct NgramTableCells;  // tests look into single cells
  struct Free {
    void operator()(uint32_t* counts) const;
  };
  // The counts of m-gram hashes for one length m after the other, m = min_order − 1 … max_order. A cell holds
  // how often the m-gram was seen as full n-gram and as context; the shortest length has only the second
  // count, the longest only the first.
  uint32_t* cell(int64_t length, uint32_t bucket) const {
    const auto at = static_cast<size_t>(bucket);
    const auto size = static_cast<size_t>(buckets_);
    if (length == 0) return counts_.get() + at;
    const size_t base = size * static_cast<size_t>(2 * length - 1);
    return counts_.get() + base + (length == lengths_ - 1 ? at : 2 * at);
  }
  uint32_t& full_cell(int64_t length, uint32_t bucket) const { return *cell(length, bucket); }
  uint32_t& context_cell(int64_t length, uint32_t bucket) const {
    return cell(length, bucket)[length == 0 ? 0 : 1];
  }
  const uint32_t* buckets_before(int64_t i) const {
    return run_buckets_.data() + static_cast<size_t>(i * lengths_);
  }
  void prefetch(int64_t i) const;

  int min_order_;
  int max_order_;
  int64_t buckets_;
  int64_t lengths_;  ///< how many m
  std::unique_ptr<uint32_t[], Free> counts_;
  std::vector<uint32_t> run_buckets_;  ///< [count + 1][lengths_]: of the m-grams that end before target i
  int64_t run_count_ = 0;
  int64_t run_left_out_ = 0;  ///< targets at the start of the run that a single order leaves out
};

}  // namespace golf
