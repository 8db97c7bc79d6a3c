#include <algorithm>
#include <cstdlib>
#include <vector>

#include "golf/artifact/quantize/fit.h"

namespace golf {
namespace {

constexpr int kPrunedBits = 6;

struct Candidate {
  float cost;  ///< float(scale)²: what zeroing adds to the squared error
  uint32_t tensor;
  uint32_t element;
  int8_t value;
};

/// In the order in which they are zeroed.
std::vector<Candidate> find_candidates(const StoredModel& model) {
  std::vector<Candidate> candidates;
  for (size_t tensor = 0; tensor < model.tensors.size(); ++tensor) {
    const StoredTensor& stored = model.tensors[tensor];
    if (stored.encoding == Encoding::kPassthrough || stored.bits != kPrunedBits) continue;
    check_form(stored);
    const std::vector<float> scales = to_f32(stored.scales);
    const auto values = stored.values.values<int8_t>();
    const size_t row_elements = values.size() / std::max<size_t>(scales.size(), 1);
    for (size_t i = 0; i < values.size(); ++i) {
      if (std::abs(int{values[i]}) != 1) continue;
      const float scale = scales[i / row_elements];
      candidates.push_back(
          {scale * scale, static_cast<uint32_t>(tensor), static_cast<uint32_t>(i), values[i]});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  return candidates;
}

/// The first `count` candidates zero, the others as they were.
void zero_first(StoredModel& model, const std::vector<Candidate>& candidates, size_t count) {
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    auto values = model.tensors[candidate.tensor].values.values<int8_t>();
    values[candidate.element] = i < count ? int8_t{0} : candidate.value;
  }
}

}  // namespace

PruneReport prune_to_fit(StoredModel& model, uint64_t limit_bytes, const PackedBytes& packed_bytes) {
  const std::vector<Candidate> candidates = find_candidates(model);
  const auto bytes_with = [&](size_t count) {
    zero_first(model, candidates, count);
    return packed_bytes(model);
  };
  PruneReport report{.candidates = candidates.size()};
  report.unpruned_bytes = packed_bytes(model);
  report.pruned_bytes = report.unpruned_bytes;
  if (report.unpruned_bytes > limit_bytes) {
    size_t low = 0;
    size_t high = candidates.size();
    if (bytes_with(high) > limit_bytes) low = high;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (bytes_with(middle) <= limit_bytes) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    report.zeroed = low;
    report.pruned_bytes = bytes_with(low);
  }
  report.fits = report.pruned_bytes <= limit_bytes;
  return report;
}

}  // namespace golf
