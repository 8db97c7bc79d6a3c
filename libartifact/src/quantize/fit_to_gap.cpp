#include "golf/artifact/quantize/fit_to_gap.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "golf/artifact/base/error.h"
#include "quantize/level_range.h"

namespace golf {
namespace {

constexpr int kMaxProbes = 24;

}  // namespace

GapFit fit_to_gap(const Quantizer& quantizer, double limit, StoredModel& model) {
  require_free_steps(quantizer);
  double fine = kFinestLog2;      // at or below the limit, but for the end of the range
  double coarse = kCoarsestLog2;  // above it, likewise
  bool found = false;
  GapFit fit;
  double log_level = std::log2(Quantizer::kDefaultLevel);
  while (fit.probes < kMaxProbes) {
    StoredModel candidate = quantizer.quantize(std::exp2(log_level));
    const auto increase = quantizer.loss_increase(candidate);
    ++fit.probes;
    if (!increase) {
      fail(ErrorCode::kInvalidArgument,
           "the rise of the loss cannot be told: squares of the gradient are needed for every matrix, as "
           "golf-eval calibrate writes them");
    }
    const bool under = *increase <= limit;
    if (under || (!found && log_level == kFinestLog2)) {
      found = true;
      fit.level = std::exp2(log_level);
      fit.loss_increase = *increase;
      fit.end = !under                       ? GapFit::End::kUnreachable
                : log_level == kCoarsestLog2 ? GapFit::End::kCoarsest
                                             : GapFit::End::kLanded;
      model = std::move(candidate);
      if (fit.end != GapFit::End::kLanded || *increase >= limit * (1 - kGapWindow)) break;
    }
    (under ? fine : coarse) = log_level;
    const double target = limit * (1 - kGapWindow / 2);
    // Errors grow as the steps' squares; fewer than all do where values are small beside the steps.
    const double guess = *increase > 0 ? log_level + std::log2(target / *increase) / 2 : kCoarsestLog2;
    const bool bracketed = fine > kFinestLog2 && coarse < kCoarsestLog2;
    const double margin = bracketed ? (coarse - fine) / 64 : 0.0;
    if (bracketed && coarse - fine < 1e-4) break;
    log_level = bracketed && (guess <= fine + margin || guess >= coarse - margin)
                    ? fine + (coarse - fine) / 2
                    : std::clamp(guess, fine, coarse);
  }
  if (!found) {
    model = quantizer.quantize(std::exp2(kFinestLog2));
    fit.level = std::exp2(kFinestLog2);
    fit.loss_increase = *quantizer.loss_increase(model);
    fit.end = fit.loss_increase <= limit ? GapFit::End::kLanded : GapFit::End::kUnreachable;
  }
  return fit;
}

}  // namespace golf
