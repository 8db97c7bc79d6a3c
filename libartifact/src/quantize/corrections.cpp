#include "quantize/corrections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/parallel_for.h"
#include "quantize/low_rank.h"

namespace golf {
namespace {

struct ScoredGroup {
  float score = 0.0F;
  size_t candidate = 0;
  int64_t start = 0;
};

/// The scores of a candidate's groups, in their order.
void add_scores(const FineCandidate& candidate, size_t index, int64_t group_size,
                std::vector<ScoredGroup>& groups) {
  const size_t columns = candidate.input_rms.size();
  const size_t rows = columns == 0 ? 0 : candidate.weights.size() / columns;
  const auto size = static_cast<size_t>(group_size);
  for (size_t first = 0; first + size <= columns; first += size) {
    double sum = 0.0;
    for (size_t c = first; c < first + size; ++c) {
      double magnitude = 0.0;
      for (size_t r = 0; r < rows; ++r) {
        magnitude += std::fabs(static_cast<double>(candidate.weights[r * columns + c]));
      }
      const auto mean = static_cast<float>(magnitude / static_cast<double>(std::max<size_t>(rows, 1)));
      sum += static_cast<double>(candidate.input_rms[c] * mean);
    }
    groups.push_back({static_cast<float>(sum), index, static_cast<int64_t>(first)});
  }
}

/// W less what the stored tensor decodes to, in float32.
std::vector<float> errors_of(const CorrectionCandidate& candidate) {
  StoredTensor full = *candidate.stored;
  full.original_dtype = DType::kF32;
  std::vector<float> errors = to_f32(dequantize(full));
  for (size_t i = 0; i < errors.size(); ++i) errors[i] = candidate.weights[i] - errors[i];
  return errors;
}

float frobenius_norm(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace

std::vector<std::optional<FineColumns>> choose_fine_columns(std::span<const FineCandidate> candidates,
                                                            int64_t groups, int64_t group_size) {
  std::vector<ScoredGroup> scored;
  for (size_t i = 0; i < candidates.size(); ++i) add_scores(candidates[i], i, group_size, scored);
  std::stable_sort(scored.begin(), scored.end(),
                   [](const ScoredGroup& a, const ScoredGroup& b) { return a.score > b.score; });
  scored.resize(std::min(scored.size(), static_cast<size_t>(groups)));
  std::vector<std::optional<FineColumns>> chosen(candidates.size());
  for (const ScoredGroup& group : scored) {
    auto& fine = chosen[group.candidate];
    if (!fine) fine = FineColumns{.size = group_size};
    fine->starts.push_back(group.start);
  }
  return chosen;
}

void add_low_rank_corrections(std::span<const CorrectionCandidate> candidates, int64_t tensors, int64_t rank,
                              int64_t group, int threads) {
  std::vector<float> norms(candidates.size());
  parallel_for(candidates.size(), threads,
               [&](size_t i) { norms[i] = frobenius_norm(errors_of(candidates[i])); });
  std::vector<size_t> order;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (norms[i] > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return norms[a] > norms[b]; });
  order.resize(std::min(order.size(), static_cast<size_t>(tensors)));
  parallel_for(order.size(), threads, [&](size_t place) {
    const CorrectionCandidate& candidate = candidates[order[place]];
    const auto columns = static_cast<size_t>(candidate.stored->values.shape[1]);
    const LowRankFactors factors = low_rank_factors(errors_of(candidate), columns, static_cast<size_t>(rank));
    LowRank correction = quantize_low_rank(factors, static_cast<size_t>(group));
    correction.place = place;
    candidate.stored->low_rank = std::move(correction);
  });
}

}  // namespace golf
