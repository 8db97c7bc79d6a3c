#pragma once

#include <algorithm>

#include "encode/golf/shape_table.h"

namespace golf {

/// What is known of a value before it: made by Distribution::expect.
struct Prediction {
  int32_t mean_q4 = 0;
  int32_t scale = 0;
  uint32_t edge = 0;   ///< what the outermost values have besides, each, out of 2^16
  uint32_t floor = 0;  ///< of the distribution function, what lies below the lowest value and is left out
  uint64_t gain = 0;   ///< makes the rest fill what there is to share, in 1/2^16
};

/// Intervals of probability for the integers lowest … highest. None is empty, so every value can be coded.
class Distribution {
 public:
  /// `truncated`: what the shape has beyond the outermost values is spread over all, instead of falling to
  /// them.
  Distribution(int shape, int lowest, int highest, bool truncated)
      : shape_(&shape_table(shape)),
        scales_(&scale_table()),
        lowest_(lowest),
        highest_(highest),
        truncated_(truncated),
        shared_(kProbabilityOne - static_cast<uint32_t>(highest - lowest + 1)) {}

  /// `mean_q4` in sixteenths, within ±2048; `scale`: an index.
  Prediction expect(int32_t mean_q4, int32_t scale, uint32_t edge) const {
    Prediction at{mean_q4, scale, edge, 0, shared_ - 2 * edge};
    if (truncated_) {
      at.floor = shape_below(lowest_, at);
      const uint32_t range = std::max(shape_below(highest_ + 1, at) - at.floor, 1U);
      at.gain = (at.gain << kProbabilityBits) / range;
    }
    return at;
  }

  /// P(value < q) out of 2^16. The outermost values take what lies beyond them.
  uint32_t below(int q, const Prediction& at) const {
    if (q <= lowest_) return 0;
    if (q > highest_) return kProbabilityOne;
    const uint64_t share = (shape_below(q, at) - at.floor) * at.gain >> kProbabilityBits;
    return static_cast<uint32_t>(q - lowest_) + at.edge + static_cast<uint32_t>(share);
  }

  struct Interval {
    int value;
    uint32_t begin;
    uint32_t size;
  };
  /// The value in whose interval `slot` < 2^16 lies.
  Interval find(uint32_t slot, const Prediction& at) const {
    const int32_t z = shape_->near_quantile(slot);
    const int64_t distance = int64_t{z} * scales_->value_q10[static_cast<size_t>(at.scale)] >> 16;
    int q = static_cast<int>(std::clamp<int64_t>((at.mean_q4 + distance + 8) >> 4, lowest_, highest_));
    uint32_t begin = below(q, at);
    while (slot < begin) begin = below(--q, at);
    uint32_t end = below(q + 1, at);
    while (slot >= end) {
      begin = end;
      ++q;
      end = below(q + 1, at);
    }
    return {q, begin, end - begin};
  }

 private:
  uint32_t shape_below(int q, const Prediction& at) const {
    const int32_t distance = 16 * q - 8 - at.mean_q4;
    return shape_->below((distance * scales_->inverse_q15[static_cast<size_t>(at.scale)]) >> 9);
  }

  const ShapeTable* shape_;
  const ScaleTable* scales_;
  int lowest_;
  int highest_;
  bool truncated_;
  uint32_t shared_;
};

}  // namespace golf
