#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// What one document adds to a score, or to the difference of two.
struct DocumentSum {
  double nats = 0;  ///< summed losses, or the sum of their differences
  int64_t tokens = 0;
  int64_t bytes = 0;
};

/// An estimate with what resampling says of it. All in nats a token or in bits a byte.
struct BootstrapEstimate {
  double value = 0;
  double standard_error = 0;
  double low = 0, high = 0;  ///< percentile interval at `confidence`
  double confidence = 0;
  int64_t blocks = 0;  ///< documents resampled
  int64_t draws = 0;
  /// How often a resampled value was at `threshold` or below, (count + 1) / (draws + 1): the one-sided p of
  /// the claim that the value is over the threshold.
  double p = 0;
  double threshold = 0;
};

enum class ScoreUnit { kNatsPerToken, kBitsPerByte };

/// Resamples whole documents with replacement, so that what tokens of one document have in common counts.
/// The value is Σ nats over Σ tokens or bytes, each sum over the documents that were drawn. Source: Künsch
/// (Annals of Statistics, 1989) for blocks; Efron and Tibshirani, An Introduction to the Bootstrap (1993),
/// chapters 8 and 13; Koehn (EMNLP 2004) for pairs of systems. Deterministic for a seed, whatever the
/// threads.
/// @param confidence  of the interval, two-sided
/// @throws Error kInvalidArgument with fewer than two documents, no draws, or a confidence outside (0, 1)
BootstrapEstimate bootstrap_documents(std::span<const DocumentSum> documents, ScoreUnit unit,
                                      double threshold, double confidence, int64_t draws, uint64_t seed,
                                      int threads);

/// Sums losses by document. A document begins at each token of `starts`; what stands before the first one
/// counts as a document of its own.
/// @param nll_nats  of scored targets, one after the other
/// @param targets   of each of them; target t is token t + 1
/// @param bytes     of each token of the stream
/// @param starts    positions of the tokens that begin documents, ascending
std::vector<DocumentSum> sum_by_document(std::span<const double> nll_nats, std::span<const int64_t> targets,
                                         std::span<const uint16_t> bytes, std::span<const int64_t> starts);

}  // namespace golf
