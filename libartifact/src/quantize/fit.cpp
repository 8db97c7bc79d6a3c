#include "golf/artifact/quantize/fit.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr int kMaxBudgetProbes = 32;
constexpr int kEstimatedProbes = 4;
constexpr int kMaxGapProbes = 24;
/// log2 of the finest step scale that fits try, where every row reaches ±127.
constexpr double kFinestLog2 = -9.0;
/// log2 of the coarsest step scale that fits try, where all but outliers are 0.
constexpr double kCoarsestLog2 = 4.0;

void require_tunable_steps(const Quantizer& quantizer) {
  if (quantizer.tunable_weights() > 0) return;
  fail(ErrorCode::kInvalidArgument,
       "no tensor has steps to fit: use --set or a recipe with ecsq or tcq, without a number");
}

struct Probe {
  double log_scale = 0.0;
  double estimate = 0.0;  ///< of the bytes, before they were packed
  double bytes = 0.0;
};

/// Finds the step scale to try next. What a packing takes is nearly a straight line over its estimate: the
/// search moves along the estimates, which cost nothing, and asks the packings only for the line.
class Search {
 public:
  using Estimate = std::function<double(double)>;

  /// @param estimated_bytes  of a step scale: Quantizer::estimated_bytes()
  Search(double limit, Estimate estimated_bytes)
      : target_(limit * (1 - kFitWindow / 2)),
        window_(limit * kFitWindow),
        estimated_(std::move(estimated_bytes)) {}

  double estimate(double log_scale) const { return estimated_(std::exp2(log_scale)); }

  void note(double log_scale, double bytes) {
    probes_.push_back({log_scale, estimate(log_scale), bytes});
    if (bytes > target_) {
      low_ = std::max(low_, log_scale);
    } else {
      high_ = std::min(high_, log_scale);
    }
  }

  double next() const {
    if (probes_.empty()) return with_estimate(target_, kFinestLog2, kCoarsestLog2);
    const Probe& nearest = *std::ranges::min_element(
        probes_, {}, [&](const Probe& probe) { return std::fabs(probe.bytes - target_); });
    double log_scale = with_estimate(nearest.estimate + (target_ - nearest.bytes) / slope(nearest),
                                     kFinestLog2, kCoarsestLog2);
    const bool is_bracketed = low_ > kFinestLog2 && high_ < kCoarsestLog2 && low_ < high_;
    const double margin = is_bracketed ? (high_ - low_) / 16 : 0.0;
    if (is_bracketed && (log_scale <= low_ + margin || log_scale >= high_ - margin))
      return (low_ + high_) / 2;
    return log_scale;
  }

 private:
  /// Estimates nearer to each other than twice so many windows give no slope.
  static constexpr double kRough = 8.0;

  /// The step scale between two with that estimate, or the nearest one.
  double with_estimate(double bytes, double finest, double coarsest) const {
    if (estimate(finest) <= bytes) return finest;
    if (estimate(coarsest) >= bytes) return coarsest;
    while (coarsest - finest > 1e-7) {
      const double middle = (finest + coarsest) / 2;
      (estimate(middle) > bytes ? finest : coarsest) = middle;
    }
    return coarsest;
  }

  /// Bytes for a byte of estimate, from the nearest probe and the one farthest from it.
  double slope(const Probe& nearest) const {
    const auto distance = [&](const Probe& probe) { return std::fabs(probe.estimate - nearest.estimate); };
    const Probe& other = *std::ranges::max_element(probes_, {}, distance);
    // Between estimates that are all but equal chance decides.
    if (distance(other) < 2 * kRough * window_) return nearest.bytes / nearest.estimate;
    return std::clamp((other.bytes - nearest.bytes) / (other.estimate - nearest.estimate), 0.4, 2.5);
  }

  double target_;
  double window_;
  Estimate estimated_;
  std::vector<Probe> probes_;
  double low_ = kFinestLog2;     ///< everything here or below is over the target
  double high_ = kCoarsestLog2;  ///< everything here or above is under it
};

/// The bracket of step scales around the limit, and the step scale to try next: where estimates do not help.
class BracketSearch {
 public:
  BracketSearch(double limit, double weights)
      : limit_(limit), bit_a_weight_(-weights / 8), window_(kFitWindow * limit / -bit_a_weight_) {}

  void note(const Probe& probe) {
    if (is_narrow()) return;
    if (probes_++ > 0 && probe.log_scale != last_.log_scale) {
      // Near the ends of the range a unit changes the size by less than a bit a weight.
      const double seen = (probe.bytes - last_.bytes) / (probe.log_scale - last_.log_scale);
      slope_ = std::clamp(seen, 1.5 * bit_a_weight_, 0.1 * bit_a_weight_);
    }
    (probe.bytes <= limit_ ? high_ : low_) = probe.log_scale;
    last_ = probe;
  }

  /// The step scale to try next.
  double next() {
    // Sizes are not quite monotone in the step scale, and may jump over the window: look on both sides of
    // the jump.
    if (is_narrow()) {
      ++beside_;
      const double distance = window_ / 2 * static_cast<double>((beside_ + 1) / 2);
      return std::clamp(high_ + (beside_ % 2 == 0 ? distance : -distance), kFinestLog2, kCoarsestLog2);
    }
    const double target = limit_ * (1 - kFitWindow / 2);
    const double guess = last_.log_scale + (target - last_.bytes) / slope_;
    if (low_ > kFinestLog2 && high_ < kCoarsestLog2) {
      const double margin = (high_ - low_) / 64;
      // Newton makes no progress where sizes are rough; halving always does.
      if (guess <= low_ + margin || guess >= high_ - margin) return low_ + (high_ - low_) / 2;
    }
    return std::clamp(guess, low_, high_);
  }

 private:
  bool is_narrow() const { return high_ - low_ < window_ / 8; }

  double limit_;
  double bit_a_weight_;  ///< bytes per unit of log2(step scale)
  double window_;        ///< the width of the window, in log2(step scale)
  double slope_ = bit_a_weight_;
  double low_ = kFinestLog2;     ///< everything here or below is over the limit
  double high_ = kCoarsestLog2;  ///< everything here or above is under it
  int probes_ = 0;
  int beside_ = 0;
  Probe last_;
};

FitReport search_step_scale(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                            const std::set<size_t>& as_float16, std::optional<double> start,
                            StoredModel& model) {
  const auto limit = static_cast<double>(limit_bytes);
  FitReport report;
  const auto probe = [&](double log_scale) {
    StoredModel candidate = quantizer.quantize(std::exp2(log_scale), as_float16);
    const uint64_t bytes = packed_bytes(candidate);
    ++report.probes;
    return std::pair(bytes, std::move(candidate));
  };
  Search search(limit, quantizer.estimated_bytes(as_float16));
  BracketSearch bracket(limit, std::max(1.0, static_cast<double>(quantizer.tunable_weights(as_float16))));
  bool fits = false;
  double log_scale = start ? *start : search.next();
  while (report.probes < kMaxBudgetProbes) {
    auto [bytes, candidate] = probe(log_scale);
    const bool under = bytes <= limit_bytes;
    if (under && (!fits || bytes > report.bytes)) {
      fits = true;
      report.step_scale = std::exp2(log_scale);
      report.bytes = bytes;
      model = std::move(candidate);
    }
    if (under && static_cast<double>(bytes) >= limit * (1 - kFitWindow)) {
      report.end = FitReport::End::kLanded;
      return report;
    }
    if (under && log_scale == kFinestLog2) {
      report.end = FitReport::End::kFinest;
      return report;
    }
    if (!under && (log_scale == kCoarsestLog2 || quantizer.tunable_weights(as_float16) == 0)) break;
    search.note(log_scale, static_cast<double>(bytes));
    bracket.note({.log_scale = log_scale, .bytes = static_cast<double>(bytes)});
    // Where estimates have not led into the window by then, sizes are rough.
    log_scale = report.probes < kEstimatedProbes ? search.next() : bracket.next();
  }
  if (!fits) {
    std::tie(report.bytes, model) = probe(kCoarsestLog2);
    report.step_scale = std::exp2(kCoarsestLog2);
    if (report.bytes > limit_bytes) report.end = FitReport::End::kTooLarge;
  }
  return report;
}

/// The tensors that become float16 when the finest steps leave `room` bytes: those that lose most per weight,
/// as long as there is room.
std::set<size_t> choose_float16(std::vector<TunableTensor> tensors, double room, double bytes_a_weight) {
  constexpr double kHalfBytes = 1.75;  // bytes of a weight in float16 with codec golf, about
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const TunableTensor& a, const TunableTensor& b) { return a.loss > b.loss; });
  std::set<size_t> chosen;
  for (const TunableTensor& tensor : tensors) {
    const double more = static_cast<double>(tensor.weights) * (kHalfBytes - bytes_a_weight);
    if (more > room) continue;
    room -= more;
    chosen.insert(tensor.index);
  }
  return chosen;
}

/// Uses the bytes that the finest steps leave over. `report` and `model` are those of the finest steps.
void fill_with_float16(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                       FitReport& report, StoredModel& model) {
  std::vector<TunableTensor> tensors = quantizer.tunable_tensors(model);
  const auto room = static_cast<double>(limit_bytes - report.bytes);
  const double bytes_a_weight =
      static_cast<double>(report.bytes) / static_cast<double>(quantizer.tunable_weights());
  std::set<size_t> chosen = choose_float16(tensors, room, bytes_a_weight);
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const TunableTensor& a, const TunableTensor& b) { return a.weights < b.weights; });
  if (tensors.empty()) return;
  if (chosen.empty()) chosen.insert(tensors.front().index);
  // Then the smallest of the others, until they no longer fit: coarser steps make room for the last.
  for (auto next = tensors.begin();; ++next) {
    StoredModel found;
    FitReport with = search_step_scale(quantizer, limit_bytes, packed_bytes, chosen, kFinestLog2, found);
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
                        [&](const TunableTensor& tensor) { return !chosen.contains(tensor.index); });
    if (next == tensors.end()) return;
    chosen.insert(next->index);
  }
}

}  // namespace

FitReport fit_to_budget(const Quantizer& quantizer, uint64_t limit_bytes, const PackedBytes& packed_bytes,
                        StoredModel& model) {
  require_tunable_steps(quantizer);
  FitReport report = search_step_scale(quantizer, limit_bytes, packed_bytes, {}, std::nullopt, model);
  if (report.end == FitReport::End::kFinest) {
    fill_with_float16(quantizer, limit_bytes, packed_bytes, report, model);
  }
  report.nmse = quantizer.nmse(model);
  return report;
}

GapFit fit_to_gap(const Quantizer& quantizer, double limit, StoredModel& model) {
  require_tunable_steps(quantizer);
  double fine = kFinestLog2;      // at or below the limit, except at the end of the range
  double coarse = kCoarsestLog2;  // above the limit, except at the end of the range
  bool found = false;
  GapFit fit;
  double log_scale = std::log2(Quantizer::kDefaultStepScale);
  while (fit.probes < kMaxGapProbes) {
    StoredModel candidate = quantizer.quantize(std::exp2(log_scale));
    const auto increase = quantizer.predicted_gap(candidate);
    ++fit.probes;
    if (!increase) {
      fail(ErrorCode::kInvalidArgument,
           "the quantization gap cannot be predicted: the calibration needs the diagonal Fisher of every "
           "matrix, as golf-eval calibrate writes it");
    }
    const bool under = *increase <= limit;
    if (under || (!found && log_scale == kFinestLog2)) {
      found = true;
      fit.step_scale = std::exp2(log_scale);
      fit.predicted_gap = *increase;
      fit.end = !under                       ? GapFit::End::kUnreachable
                : log_scale == kCoarsestLog2 ? GapFit::End::kCoarsest
                                             : GapFit::End::kLanded;
      model = std::move(candidate);
      if (fit.end != GapFit::End::kLanded || *increase >= limit * (1 - kGapWindow)) break;
    }
    (under ? fine : coarse) = log_scale;
    const double target = limit * (1 - kGapWindow / 2);
    // Errors grow as the squares of the steps, and slower where values are smaller than the steps.
    const double guess = *increase > 0 ? log_scale + std::log2(target / *increase) / 2 : kCoarsestLog2;
    const bool bracketed = fine > kFinestLog2 && coarse < kCoarsestLog2;
    const double margin = bracketed ? (coarse - fine) / 64 : 0.0;
    if (bracketed && coarse - fine < 1e-4) break;
    log_scale = bracketed && (guess <= fine + margin || guess >= coarse - margin)
                    ? fine + (coarse - fine) / 2
                    : std::clamp(guess, fine, coarse);
  }
  if (!found) {
    model = quantizer.quantize(std::exp2(kFinestLog2));
    fit.step_scale = std::exp2(kFinestLog2);
    fit.predicted_gap = *quantizer.predicted_gap(model);
    fit.end = fit.predicted_gap <= limit ? GapFit::End::kLanded : GapFit::End::kUnreachable;
  }
  return fit;
}

}  // namespace golf
