#include "golf/score/ngram_table.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::array<uint64_t, 7> kPrimes = {36313, 27191, 51647, 81929, 131071, 196613, 262147};
constexpr int64_t kPrefetchDistance = 8;  // targets: about sixty lines in flight at seven lengths
constexpr size_t kHugePage = size_t{2} << 20;

uint64_t term(uint16_t token, int64_t place) { return token * kPrimes[static_cast<size_t>(place % 7)]; }

}  // namespace

NgramTable::NgramTable(int min_order, int max_order, int64_t buckets)
    : min_order_(min_order), max_order_(max_order), buckets_(buckets), lengths_(max_order - min_order + 2) {
  if (min_order < 2 || min_order > max_order || max_order > 64) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("n-gram cache: orders {} to {}: need 2 ≤ min ≤ max ≤ 64", min_order, max_order));
  }
  if (buckets < 1024 || buckets > int64_t{1} << 31 || !std::has_single_bit(static_cast<uint64_t>(buckets))) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("n-gram cache: {} buckets: need a power of two from 1,024 to 2^31", buckets));
  }
  // Random access to hundreds of megabytes: with 4 KiB pages most of the time would go to the TLB.
  const size_t needed = static_cast<size_t>(bytes());
  const size_t alignment = needed >= kHugePage ? kHugePage : 64;
  const size_t rounded = (needed + alignment - 1) / alignment * alignment;
  counts_.reset(static_cast<uint32_t*>(std::aligned_alloc(alignment, rounded)));
  if (counts_ == nullptr) throw std::bad_alloc();
  if (alignment == kHugePage) ::madvise(counts_.get(), rounded, MADV_HUGEPAGE);  // a hint: may fail
  clear();
}

void NgramTable::Free::operator()(uint32_t* counts) const { std::free(counts); }

int64_t NgramTable::bytes() const {
  return 2 * (lengths_ - 1) * buckets_ * static_cast<int64_t>(sizeof(uint32_t));
}

void NgramTable::clear() { std::memset(counts_.get(), 0, static_cast<size_t>(bytes())); }

void NgramTable::seek(std::span<const uint16_t> stream, int64_t first_target, int64_t count) {
  run_count_ = count;
  // Target t is token t + 1 and needs order − 1 tokens before it.
  run_left_out_ = min_order_ == max_order_ ? std::clamp<int64_t>(max_order_ - 2 - first_target, 0, count) : 0;
  run_buckets_.resize(static_cast<size_t>((count + 1) * lengths_));
  const auto size = static_cast<int64_t>(stream.size());
  const auto mask = static_cast<uint64_t>(buckets_ - 1);

  // hashes[m − 1] of the m-gram that ends at a token follows from that of the (m − 1)-gram one token before.
  // Starting max_order tokens early, all of them are right when the run begins.
  std::array<uint64_t, 64> hashes{};
  for (int64_t token_index = first_target - max_order_ + 1; token_index <= first_target + count;
       ++token_index) {
    const int64_t wrapped = token_index < 0 ? (token_index % size + size) % size : token_index;
    const uint16_t token = stream[static_cast<size_t>(wrapped)];
    for (int m = max_order_; m >= 2; --m) {
      hashes[static_cast<size_t>(m - 1)] = hashes[static_cast<size_t>(m - 2)] ^ term(token, m - 1);
    }
    hashes[0] = term(token, 0);
    const int64_t row = token_index - first_target;
    if (row < 0) continue;
    uint32_t* to = run_buckets_.data() + static_cast<size_t>(row * lengths_);
    for (int64_t j = 0; j < lengths_; ++j) {
      to[j] = static_cast<uint32_t>(hashes[static_cast<size_t>(min_order_ - 2 + j)] & mask);
    }
  }
  for (int64_t i = 0; i < std::min(kPrefetchDistance, count + 1); ++i) prefetch(i);
}

void NgramTable::prefetch(int64_t i) const {
  const uint32_t* at = buckets_before(i);
  for (int64_t j = 0; j < lengths_; ++j) __builtin_prefetch(cell(j, at[j]), 1);
}

NgramTable::Match NgramTable::longest_match(int64_t i, uint32_t min_count) const {
  if (i + kPrefetchDistance <= run_count_) prefetch(i + kPrefetchDistance);
  if (i < run_left_out_) return {};
  const uint32_t* before = buckets_before(i);
  const uint32_t* after = buckets_before(i + 1);
  for (int64_t j = lengths_ - 2; j >= 0; --j) {
    const uint32_t context = context_cell(j, before[j]);
    if (context >= min_count)
      return {min_order_ + static_cast<int>(j), context, full_cell(j + 1, after[j + 1])};
  }
  return {};
}

uint32_t NgramTable::full_count(int64_t i, int order, uint16_t token) const {
  const int64_t j = order - min_order_;
  const uint64_t bucket =
      (buckets_before(i)[j] ^ term(token, order - 1)) & static_cast<uint64_t>(buckets_ - 1);
  return full_cell(j + 1, static_cast<uint32_t>(bucket));
}

void NgramTable::add_run() {
  for (int64_t i = run_left_out_; i < run_count_; ++i) {
    const uint32_t* before = buckets_before(i);
    const uint32_t* after = buckets_before(i + 1);
    for (int64_t j = 0; j < lengths_ - 1; ++j) {
      ++context_cell(j, before[j]);
      ++full_cell(j + 1, after[j + 1]);
    }
  }
}

}  // namespace golf
