#pragma once

#include "encode/golf/shape_table.h"

namespace golf {

/// Where a value was predicted: mean in sixteenths, within ±2048, and index of its scale.
struct Prediction {
  int32_t mean_q4 = 0;
  int32_t scale = 0;
};

/// Intervals of probability for the integers lowest … highest. None is empty, so every value can be coded.
class Distribution {
 public:
  /// `edge`: what the outermost values have besides, each, in 1/2048: quantised rows reach their limit by
  /// construction.
  Distribution(int shape, int edge, int lowest, int highest)
      : shape_(&shape_table(shape)),
        scales_(&scale_table()),
        lowest_(lowest),
        highest_(highest),
        edge_(static_cast<uint32_t>(edge) << (kProbabilityBits - 11)),
        shared_(kProbabilityOne - static_cast<uint32_t>(highest - lowest + 1) - 2 * edge_) {}

  /// P(value < q) out of 2^16. The outermost values take what lies beyond them.
  uint32_t below(int q, const Prediction& at) const {
    if (q <= lowest_) return 0;
    if (q > highest_) return kProbabilityOne;
    const int32_t distance = 16 * q - 8 - at.mean_q4;
    const int32_t z = (distance * scales_->inverse_q15[static_cast<size_t>(at.scale)]) >> 9;
    return static_cast<uint32_t>(q - lowest_) + edge_ + (shape_->below(z) * shared_ >> kProbabilityBits);
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
  const ShapeTable* shape_;
  const ScaleTable* scales_;
  int lowest_;
  int highest_;
  uint32_t edge_;
  uint32_t shared_;
};

}  // namespace golf
