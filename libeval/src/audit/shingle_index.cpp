#include "golf/audit/shingle_index.h"

#include <algorithm>
#include <array>
#include <bit>

namespace golf {
namespace {

constexpr uint64_t kBase = 0x9E3779B97F4A7C15;  // odd
constexpr int kDocumentBits = 24;
constexpr int kBucketBits = 20;

constexpr uint64_t power(uint64_t base, size_t exponent) {
  uint64_t result = 1;
  for (size_t i = 0; i < exponent; ++i) result *= base;
  return result;
}
constexpr uint64_t kOldest = power(kBase, kShingleTokens);

/// The finalizer of MurmurHash3: every bit of the result depends on every bit of `value`.
uint64_t mix(uint64_t value) {
  value ^= value >> 33U;
  value *= 0xFF51AFD7ED558CCD;
  value ^= value >> 33U;
  value *= 0xC4CEB9FE1A85EC53;
  return value ^ value >> 33U;
}

/// Calls `use` with the hash of each shingle: a polynomial in the tokens that rolls on, then mixed.
template <class Use>
void for_each_shingle(std::span<const uint16_t> text, Use use) {
  uint64_t rolling = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    rolling = rolling * kBase + text[i] + 1;
    if (i >= kShingleTokens) rolling -= (uint64_t{text[i - kShingleTokens]} + 1) * kOldest;
    if (i + 1 >= kShingleTokens) use(mix(rolling));
  }
}

}  // namespace

std::vector<uint64_t> shingles_of(std::span<const uint16_t> text) {
  std::vector<uint64_t> hashes;
  if (text.size() >= kShingleTokens) hashes.reserve(text.size() - kShingleTokens + 1);
  for_each_shingle(text, [&](uint64_t hash) { hashes.push_back(hash); });
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

uint64_t document_hash(std::span<const uint16_t> text) {
  uint64_t hash = text.size();
  for (const uint16_t token : text) hash = std::rotl(hash ^ token, 27) * kBase;
  return mix(hash);
}

int64_t shared_shingles(std::span<const uint64_t> a, std::span<const uint64_t> b) {
  int64_t shared = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) ++shared;
    const bool step = a[i] <= b[j];
    if (b[j] <= a[i]) ++j;
    if (step) ++i;
  }
  return shared;
}

void ShingleIndex::add(std::span<const uint64_t> shingles) {
  const auto document = static_cast<uint64_t>(sampled_.size());
  const bool sampled = shingles.size() > kAllBelow;
  sampled_.push_back(sampled ? 1 : 0);
  for (const uint64_t hash : shingles) {
    if (sampled && hash % kSampling != 0) continue;
    entries_.push_back(hash >> kDocumentBits << kDocumentBits | document);
  }
}

void ShingleIndex::finish() {
  std::sort(entries_.begin(), entries_.end());
  entries_.shrink_to_fit();
  buckets_.assign((size_t{1} << kBucketBits) + 1, 0);
  const uint64_t wanted = std::bit_ceil(std::clamp<uint64_t>(entries_.size() * 16, 1U << 16U, 1U << 30U));
  present_shift_ = 64 - std::countr_zero(wanted);
  present_.assign(wanted / 64, 0);
  for (const uint64_t entry : entries_) {
    ++buckets_[(entry >> (64 - kBucketBits)) + 1];
    const uint64_t bit = entry >> present_shift_;
    present_[bit / 64] |= uint64_t{1} << bit % 64;
  }
  for (size_t i = 1; i < buckets_.size(); ++i) buckets_[i] += buckets_[i - 1];
}

std::vector<ShingleIndex::Candidate> ShingleIndex::candidates(std::span<const uint16_t> text) const {
  constexpr uint64_t kDocumentMask = (uint64_t{1} << kDocumentBits) - 1;
  std::vector<uint64_t> found;  // entries
  if (entries_.empty()) return {};
  const auto look_up = [&](uint64_t hash) {
    const uint64_t bit = hash >> present_shift_;
    if ((present_[bit / 64] >> bit % 64 & 1) == 0) return;
    const uint64_t key = hash >> kDocumentBits << kDocumentBits;
    const auto first = entries_.begin() + buckets_[hash >> (64 - kBucketBits)];
    const auto end = entries_.begin() + buckets_[(hash >> (64 - kBucketBits)) + 1];
    auto entry = std::lower_bound(first, end, key);
    for (int64_t i = 0; i < kMostPostings && entry != end && (*entry & ~kDocumentMask) == key; ++i, ++entry) {
      found.push_back(*entry);
    }
  };
  // The table is larger than the caches: its words are asked for well before they are needed.
  std::array<uint64_t, 32> ahead{};
  size_t waiting = 0;
  const auto look_up_all = [&] {
    for (size_t i = 0; i < waiting; ++i) look_up(ahead[i]);
    waiting = 0;
  };
  for_each_shingle(text, [&](uint64_t hash) {
    __builtin_prefetch(&present_[(hash >> present_shift_) / 64]);
    ahead[waiting++] = hash;
    if (waiting == ahead.size()) look_up_all();
  });
  look_up_all();
  // A shingle that the text repeats counts once.
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<uint32_t> documents;
  documents.reserve(found.size());
  for (const uint64_t entry : found) documents.push_back(static_cast<uint32_t>(entry & kDocumentMask));
  std::sort(documents.begin(), documents.end());
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < documents.size();) {
    const size_t from = i;
    while (i < documents.size() && documents[i] == documents[from]) ++i;
    const uint64_t weight = sampled_[documents[from]] != 0 ? kSampling : 1;
    candidates.push_back({documents[from], static_cast<int64_t>((i - from) * weight)});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.shared > b.shared; });
  if (std::ssize(candidates) > kMostPostings) candidates.resize(kMostPostings);
  return candidates;
}

uint64_t ShingleIndex::bytes() const {
  return entries_.size() * sizeof(uint64_t) + sampled_.size() + buckets_.size() * sizeof(uint32_t) +
         present_.size() * sizeof(uint64_t);
}

}  // namespace golf
