#include "golf/artifact/quantize/fit_to_budget.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "quantize/level_range.h"

namespace golf {
namespace {

constexpr int kMaxProbes = 32;

struct Probe {
  double log_level = 0.0;
  double bytes = 0.0;
};

/// What has been seen: the sizes nearest to the limit on its two sides.
class Search {
 public:
  Search(double limit, double weights)
      : limit_(limit), bit_a_weight_(-weights / 8), window_(kFitWindow * limit / -bit_a_weight_) {}

  void note(const Probe& probe) {
    if (is_narrow()) return;
    if (probes_++ > 0 && probe.log_level != last_.log_level) {
      // Near the ends of the range a bit less a weight is not a bit less a unit.
      const double seen = (probe.bytes - last_.bytes) / (probe.log_level - last_.log_level);
      slope_ = std::clamp(seen, 1.5 * bit_a_weight_, 0.1 * bit_a_weight_);
    }
    (probe.bytes <= limit_ ? high_ : low_) = probe.log_level;
    last_ = probe;
  }

  /// Where to look next.
  double next() {
    // Sizes are not quite monotone in the level, and may leap over the window: look to both sides of the
    // leap.
    if (is_narrow()) {
      ++beside_;
      const double distance = window_ / 2 * static_cast<double>((beside_ + 1) / 2);
      return std::clamp(high_ + (beside_ % 2 == 0 ? distance : -distance), kFinestLog2, kCoarsestLog2);
    }
    const double target = limit_ * (1 - kFitWindow / 2);
    const double guess = last_.log_level + (target - last_.bytes) / slope_;
    if (low_ > kFinestLog2 && high_ < kCoarsestLog2) {
      const double margin = (high_ - low_) / 64;
      // Newton stands still where sizes are rough; halving always gets on.
      if (guess <= low_ + margin || guess >= high_ - margin) return low_ + (high_ - low_) / 2;
    }
    return std::clamp(guess, low_, high_);
  }

 private:
  bool is_narrow() const { return high_ - low_ < window_ / 8; }

  double limit_;
  double bit_a_weight_;  ///< bytes per unit of log2(level)
  double window_;        ///< the width of the window, in log2(level)
  double slope_ = bit_a_weight_;
  double low_ = kFinestLog2;     ///< everything here or below is over the limit
  double high_ = kCoarsestLog2;  ///< everything here or above is under it
  int probes_ = 0;
  int beside_ = 0;
  Probe last_;
};

using PackedBytes = std::function<uint64_t(const StoredModel&)>;

FitReport search_level(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                       const std::set<size_t>& as_float16, double start, StoredModel& model) {
  const auto weights = static_cast<double>(quantizer.free_weights(as_float16));
  const auto limit = static_cast<double>(limit_bytes);
  FitReport report;
  const auto probe = [&](double log_level) {
    StoredModel candidate = quantizer.quantize(std::exp2(log_level), as_float16);
    const uint64_t bytes = packed_bytes(candidate);
    ++report.probes;
    return std::pair(bytes, std::move(candidate));
  };
  Search search(limit, weights);
  bool fits = false;
  double log_level = start;
  while (report.probes < kMaxProbes) {
    auto [bytes, candidate] = probe(log_level);
    const bool under = bytes <= limit_bytes;
    if (under && (!fits || bytes > report.bytes)) {
      fits = true;
      report.level = std::exp2(log_level);
      report.bytes = bytes;
      model = std::move(candidate);
    }
    if (under && static_cast<double>(bytes) >= limit * (1 - kFitWindow)) {
      report.end = FitReport::End::kLanded;
      return report;
    }
    if (under && log_level == kFinestLog2) {
      report.end = FitReport::End::kFinest;
      return report;
    }
    if (!under && (log_level == kCoarsestLog2 || weights == 0)) break;
    search.note({log_level, static_cast<double>(bytes)});
    log_level = search.next();
  }
  if (!fits) {
    std::tie(report.bytes, model) = probe(kCoarsestLog2);
    report.level = std::exp2(kCoarsestLog2);
    if (report.bytes > limit_bytes) report.end = FitReport::End::kTooLarge;
  }
  return report;
}

/// Which tensors become float16 when the finest steps take `bytes`: those that lose most by the weight, as
/// long as there is room.
std::set<size_t> choose_float16(std::vector<FreeTensor> tensors, double room, double bytes_a_weight) {
  constexpr double kHalfBytes = 1.75;  // of a weight in float16 as codec golf has it, roughly
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const FreeTensor& a, const FreeTensor& b) { return a.loss > b.loss; });
  std::set<size_t> chosen;
  for (const FreeTensor& tensor : tensors) {
    const double more = static_cast<double>(tensor.weights) * (kHalfBytes - bytes_a_weight);
    if (more > room) continue;
    room -= more;
    chosen.insert(tensor.index);
  }
  return chosen;
}

/// Uses the bytes that the finest steps leave over. `report` and `model` are theirs.
void fill_with_float16(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                       FitReport& report, StoredModel& model) {
  std::vector<FreeTensor> tensors = quantizer.free_tensors(model);
  const auto room = static_cast<double>(limit_bytes - report.bytes);
  const double bytes_a_weight =
      static_cast<double>(report.bytes) / static_cast<double>(quantizer.free_weights());
  std::set<size_t> chosen = choose_float16(tensors, room, bytes_a_weight);
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const FreeTensor& a, const FreeTensor& b) { return a.weights < b.weights; });
  if (tensors.empty()) return;
  if (chosen.empty()) chosen.insert(tensors.front().index);
  // The smallest of the others, too, until it is too much: coarser steps make room for the last.
  for (auto next = tensors.begin();; ++next) {
    StoredModel found;
    FitReport with = search_level(quantizer, limit_bytes, packed_bytes, chosen, kFinestLog2, found);
    with.probes += report.probes;
    with.float16_tensors = chosen.size();
    report.probes = with.probes;
    if (with.end == FitReport::End::kTooLarge) return;
    if (with.bytes >= report.bytes) {
      report = with;
      model = std::move(found);
    }
    if (report.end != FitReport::End::kFinest) return;
    next = std::find_if(next, tensors.end(),
                        [&](const FreeTensor& tensor) { return !chosen.contains(tensor.index); });
    if (next == tensors.end()) return;
    chosen.insert(next->index);
  }
}

}  // namespace

FitReport fit_to_budget(const Quantizer& quantizer, uint64_t limit_bytes,
                        const std::function<uint64_t(const StoredModel&)>& packed_bytes, StoredModel& model) {
  require_free_steps(quantizer);
  FitReport report =
      search_level(quantizer, limit_bytes, packed_bytes, {}, std::log2(Quantizer::kDefaultLevel), model);
  if (report.end == FitReport::End::kFinest) {
    fill_with_float16(quantizer, limit_bytes, packed_bytes, report, model);
  }
  report.relative_error = quantizer.relative_error(model);
  return report;
}

}  // namespace golf
