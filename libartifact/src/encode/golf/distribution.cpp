#include "encode/golf/distribution.h"

#include <memory>
#include <mutex>

#include "encode/golf/fixed_math.h"

namespace golf {
namespace {

/// β in quarters, and α = sqrt(Γ(1/β) / Γ(3/β)) in Q16, which makes the variance 1.
struct ShapeRow {
  int32_t beta_q2;
  uint32_t alpha_q16;
};
constexpr std::array<ShapeRow, kShapeCount> kShapes = {
    {{2, 5983}, {3, 25283}, {4, 46341}, {6, 76262}, {8, 92682}, {12, 107266}, {16, 112727}, {32, 116836}}};

constexpr int32_t kLog2OfLog2E = 34655;  // log2(log2(e)) in Q16

/// exp(−(z/α)^β) in Q31 at z = (i + 1/2) / 1024.
uint32_t density(const ShapeRow& shape, uint32_t i) {
  // z in Q16 is 64·i + 32; log2(z/α) needs no common Q.
  const int32_t log_ratio = log2_q16(64 * i + 32) - log2_q16(shape.alpha_q16);
  const int32_t log_exponent = ((log_ratio * shape.beta_q2) >> 2) + kLog2OfLog2E;
  constexpr int32_t kLogLimit = 15 << 16;  // beyond, the density is 0
  if (log_exponent >= kLogLimit) return 0;
  return exp2_negative(exp2_negative(static_cast<uint64_t>(kLogLimit - log_exponent)));
}

}  // namespace

ShapeTable::ShapeTable(int shape) {
  std::array<uint64_t, kReach + 1> half{};  // sums of the density from z = 0
  for (uint32_t i = 0; i < kReach; ++i) {
    half[i + 1] = half[i] + density(kShapes[static_cast<size_t>(shape)], i);
  }
  const uint64_t whole = 2 * half[kReach];
  for (int32_t i = 0; i <= kReach; ++i) {
    const auto above_center = static_cast<uint32_t>(half[static_cast<size_t>(i)] * 65'535 / whole);
    below_[static_cast<size_t>(kReach + i)] = static_cast<uint16_t>(32'768 + std::min(above_center, 32'767U));
    below_[static_cast<size_t>(kReach - i)] = static_cast<uint16_t>(32'767 - std::min(above_center, 32'767U));
  }
  size_t index = 0;
  for (size_t i = 0; i < quantiles_.size(); ++i) {
    while (index + 1 < below_.size() && below_[index + 1] < (i << kQuantileShift)) ++index;
    quantiles_[i] = static_cast<int16_t>(static_cast<int32_t>(index) - kReach);
  }
}

const ShapeTable& shape_table(int shape) {
  static std::array<std::once_flag, kShapeCount> built;
  static std::array<std::unique_ptr<const ShapeTable>, kShapeCount> tables;
  const auto index = static_cast<size_t>(shape);
  std::call_once(built[index], [&] { tables[index] = std::make_unique<const ShapeTable>(shape); });
  return *tables[index];
}

const ScaleTable& scale_table() {
  static const ScaleTable table = [] {
    ScaleTable scales{};
    for (uint32_t s = 0; s < kScaleCount; ++s) {
      // exp2_negative is in Q31: 2^31 · 2^(−x).
      const uint64_t sixteenth = (uint64_t{1} << 16) / kScalesPerOctave;
      scales.value_q10[s] = static_cast<int32_t>(exp2_negative((uint64_t{24} << 16) - s * sixteenth));
      scales.inverse_q15[s] = static_cast<int32_t>(exp2_negative((uint64_t{13} << 16) + s * sixteenth));
    }
    return scales;
  }();
  return table;
}

}  // namespace golf
