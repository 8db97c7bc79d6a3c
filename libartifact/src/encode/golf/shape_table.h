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

/// How values spread around their prediction: a generalised normal distribution, density ∝ exp(−|z/α|^β),
/// with unit variance and cut at |z| = 8, as integers that encoder and decoder derive alike.
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

}  // namespace golf
