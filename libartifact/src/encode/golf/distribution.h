#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace golf {

/// Probabilities are counted out of 2^16.
inline constexpr int kProbabilityBits = 16;
inline constexpr uint32_t kProbabilityOne = uint32_t{1} << kProbabilityBits;

/// Standard deviations are stored as logarithms: index s stands for 2^(s/16 − 3), from 1/8 to 256.
inline constexpr int kScaleCount = 177;
inline constexpr int kScalesPerOctave = 16;

inline constexpr int kShapeCount = 8;
inline constexpr int kNormalShape = 4;

/// The distribution function of values around their prediction, as integers that encoder and decoder derive
/// alike: a generalized normal distribution with unit variance, density ∝ exp(−|z/α|^β), cut at |z| = 8.
/// β of the shapes: 0.5, 0.75, 1 (Laplace), 1.5, 2 (normal), 3, 4, 8 (nearly uniform).
class ShapeTable {
 public:
  explicit ShapeTable(int shape);

  /// P(z' < z) out of 65,535, z in 1/1024.
  uint32_t below(int32_t z_q10) const {
    return below_[static_cast<size_t>(std::clamp(z_q10, -kReach, kReach) + kReach)];
  }
  /// A z whose below() is near `probability` (16 bits): where to start looking.
  int32_t near_quantile(uint32_t probability) const { return quantiles_[probability >> kQuantileShift]; }

 private:
  static constexpr int32_t kReach = 8 << 10;
  static constexpr int kQuantileShift = 7;
  std::array<uint16_t, 2 * kReach + 1> below_;
  std::array<int16_t, (kProbabilityOne >> kQuantileShift)> quantiles_;
};

/// Built on first use. Thread-safe.
const ShapeTable& shape_table(int shape);

struct ScaleTable {
  std::array<int32_t, kScaleCount> value_q10;    ///< 2^(s/16 − 3), rounded down
  std::array<int32_t, kScaleCount> inverse_q15;  ///< 2^(3 − s/16), rounded down
};
const ScaleTable& scale_table();

/// What is known of a value before it is coded. Distribution::expect makes it.
struct Prediction {
  int32_t mean_q4 = 0;
  int32_t scale = 0;         ///< index
  uint32_t escape_mass = 0;  ///< extra probability of the lowest value and of the highest, each, out of 2^16
  uint32_t floor = 0;        ///< of the distribution function: what lies below the lowest value, if truncated
  uint64_t gain = 0;         ///< makes the rest fill what there is to share, in 1/2^16
};

/// Intervals of probability for the integers lowest … highest. None is empty, so every value can be coded.
class Distribution {
 public:
  /// `truncated`: the probability beyond the outermost values is spread over all values; otherwise the
  /// outermost values take it.
  Distribution(int shape, int lowest, int highest, bool truncated)
      : shape_(&shape_table(shape)),
        scales_(&scale_table()),
        lowest_(lowest),
        highest_(highest),
        truncated_(truncated),
        shared_(kProbabilityOne - static_cast<uint32_t>(highest - lowest + 1)) {}

  /// `mean_q4`: in sixteenths, within ±2048; `scale`: an index.
  Prediction expect(int32_t mean_q4, int32_t scale, uint32_t escape_mass) const {
    Prediction at{mean_q4, scale, escape_mass, 0, shared_ - 2 * escape_mass};
    if (truncated_) {
      at.floor = shape_below(lowest_, at);
      const uint32_t range = std::max(shape_below(highest_ + 1, at) - at.floor, 1U);
      at.gain = (at.gain << kProbabilityBits) / range;
    }
    return at;
  }

  /// P(value < q) out of 2^16.
  uint32_t below(int q, const Prediction& at) const {
    if (q <= lowest_) return 0;
    if (q > highest_) return kProbabilityOne;
    const uint64_t share = (shape_below(q, at) - at.floor) * at.gain >> kProbabilityBits;
    return static_cast<uint32_t>(q - lowest_) + at.escape_mass + static_cast<uint32_t>(share);
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
