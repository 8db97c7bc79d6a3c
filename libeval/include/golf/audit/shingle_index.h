#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// Tokens of a shingle, the n of the n-grams that near duplicates are found by. Source: Brown et al.,
/// Language Models are Few-Shot Learners (2020), appendix C, which counts a document as contaminated by its
/// 13-grams.
inline constexpr size_t kShingleTokens = 13;

/// The hashes of all shingles of a document, ascending and each once. Fewer than 13 tokens have none.
/// @param text  without the token that begins the document
std::vector<uint64_t> shingles_of(std::span<const uint16_t> text);

/// A hash of all of a document.
uint64_t document_hash(std::span<const uint16_t> text);

/// How many shingles two documents share. Both ascending.
int64_t shared_shingles(std::span<const uint64_t> a, std::span<const uint64_t> b);

/// Which documents of a set may share shingles with a document that is asked about.
///
/// A document with more than kAllBelow shingles is known by those whose hash is a multiple of kSampling, a
/// shorter one by all of them: MinHash in the form that estimates containment. Source: Broder, On the
/// resemblance and containment of documents (1997); Hera, Pierce-Ward and Koslicki, FracMinHash (Genome
/// Research, 2023). 8 bytes a shingle that is kept, and 16 to 32 bits of a table that tells most others.
class ShingleIndex {
 public:
  static constexpr uint64_t kSampling = 8;
  static constexpr size_t kAllBelow = 256;
  static constexpr int64_t kMostDocuments = (int64_t{1} << 24) - 1;
  /// A shingle that more documents have counts for the first ones alone.
  static constexpr int64_t kMostPostings = 64;

  /// Adds the document that comes next, by its shingles.
  void add(std::span<const uint64_t> shingles);
  /// Before the first question, after the last document.
  void finish();

  /// A document of the index and about how many shingles it shares with the one asked about.
  struct Candidate {
    int64_t document = 0;
    int64_t shared = 0;
  };
  /// Those that share any, most of them first, at most kMostPostings. May be called from several threads.
  /// @param text  without the token that begins the document
  std::vector<Candidate> candidates(std::span<const uint16_t> text) const;

  uint64_t bytes() const;

 private:
  std::vector<uint64_t> entries_;  ///< upper 40 bits: of the hash; lower 24: the document
  std::vector<uint8_t> sampled_;   ///< of each document
  std::vector<uint32_t> buckets_;  ///< first entry by the upper bits of the hash
  std::vector<uint64_t> present_;  ///< a bit for each value of other upper bits: whether an entry has it
  int present_shift_ = 0;
};

}  // namespace golf
