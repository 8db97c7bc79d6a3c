#include "golf/stats/block_bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/parallel_for.h"
#include "stats/random_draw.h"

namespace golf {
namespace {

double score_of(double nats, int64_t tokens, int64_t bytes, ScoreUnit unit) {
  if (unit == ScoreUnit::kNatsPerToken) return nats / static_cast<double>(tokens);
  return nats / std::numbers::ln2 / static_cast<double>(bytes);
}

/// The value below which a share of the sorted ones lie.
double quantile_of(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

}  // namespace

BootstrapEstimate bootstrap_documents(std::span<const DocumentSum> documents, ScoreUnit unit,
                                      double threshold, double confidence, int64_t draws, uint64_t seed,
                                      int threads) {
  require(documents.size() >= 2, "documents",
          fmt::format("{}: a bootstrap over documents needs two at least", documents.size()));
  require(draws >= 1, "draws", "at least 1");
  require(confidence > 0 && confidence < 1, "confidence",
          fmt::format("{} is not over 0 and below 1", confidence));
  BootstrapEstimate estimate{
      .confidence = confidence, .blocks = std::ssize(documents), .draws = draws, .threshold = threshold};
  DocumentSum all;
  for (const DocumentSum& document : documents) {
    all.nats += document.nats;
    all.tokens += document.tokens;
    all.bytes += document.bytes;
  }
  require((unit == ScoreUnit::kNatsPerToken ? all.tokens : all.bytes) > 0, "documents", "have no text");
  estimate.value = score_of(all.nats, all.tokens, all.bytes, unit);

  std::vector<double> values(static_cast<size_t>(draws));
  parallel_for(values.size(), threads, [&](size_t draw) {
    std::seed_seq words{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32U),
                        static_cast<uint32_t>(draw), static_cast<uint32_t>(draw >> 32U)};
    std::mt19937_64 random(words);
    DocumentSum sum;
    for (size_t i = 0; i < documents.size(); ++i) {
      const DocumentSum& document = documents[draw_below(random, documents.size())];
      sum.nats += document.nats;
      sum.tokens += document.tokens;
      sum.bytes += document.bytes;
    }
    // Documents without text alone were drawn: as good as no draw.
    const bool nothing = (unit == ScoreUnit::kNatsPerToken ? sum.tokens : sum.bytes) == 0;
    values[draw] = nothing ? estimate.value : score_of(sum.nats, sum.tokens, sum.bytes, unit);
  });
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(draws);
  for (const double value : values) squares += (value - mean) * (value - mean);
  estimate.standard_error = draws > 1 ? std::sqrt(squares / static_cast<double>(draws - 1)) : 0;
  const auto below =
      std::count_if(values.begin(), values.end(), [&](double value) { return value <= threshold; });
  estimate.p = static_cast<double>(below + 1) / static_cast<double>(draws + 1);
  std::sort(values.begin(), values.end());
  estimate.low = quantile_of(values, (1 - confidence) / 2);
  estimate.high = quantile_of(values, (1 + confidence) / 2);
  return estimate;
}

std::vector<DocumentSum> sum_by_document(std::span<const double> nll_nats, std::span<const int64_t> targets,
                                         std::span<const uint16_t> bytes, std::span<const int64_t> starts) {
  std::vector<DocumentSum> sums(starts.size() + 1);
  for (size_t i = 0; i < targets.size(); ++i) {
    const int64_t token = targets[i] + 1;
    const auto document =
        static_cast<size_t>(std::upper_bound(starts.begin(), starts.end(), token) - starts.begin());
    sums[document].nats += nll_nats[i];
    ++sums[document].tokens;
    sums[document].bytes += bytes[static_cast<size_t>(token)];
  }
  std::erase_if(sums, [](const DocumentSum& sum) { return sum.tokens == 0; });
  return sums;
}

}  // namespace golf
