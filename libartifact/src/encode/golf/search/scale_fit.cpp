#include "encode/golf/search/scale_fit.h"

#include <algorithm>

#include "encode/golf/fixed_math.h"
#include "encode/golf/number_models.h"

namespace golf {
namespace {

/// Bits to code an event of probability i / 2^16, in 1/256, for i from 1 to 2^16.
const uint16_t* interval_bits_q8() {
  static const std::vector<uint16_t> table = [] {
    std::vector<uint16_t> bits(kProbabilityOne + 1);
    for (uint32_t i = 1; i <= kProbabilityOne; ++i) {
      bits[i] = static_cast<uint16_t>((kProbabilityBits << 8) - (log2_q16(i) >> 8));
    }
    return bits;
  }();
  return table.data();
}

/// Adds up what bits cost, in 1/65536 bits.
struct CountingCoder {
  uint64_t bits_q16 = 0;
  const uint16_t* bits_q8 = interval_bits_q8();

  int code(int bit, uint32_t p1) {
    bits_q16 += uint64_t{bits_q8[bit != 0 ? p1 : kProbabilityOne - p1]} << 8;
    return bit;
  }
};

/// A normal distribution coded with a scale that is wrong by x sixteenths costs 0.0027·x² bits a value.
constexpr uint64_t kBitsPerSquareQ16 = 177;

struct Costs {
  OffsetChoice choice = {};
  uint64_t bits_q16 = 0;
};

/// Each offset is the one that costs least, its own bits and the values' together, given those before it.
Costs choose_with(int step_log, std::span<const int> logs, uint64_t values_each,
                  std::span<const int> predicted) {
  Costs costs{.choice = {.step_log = step_log}};
  const int half = 1 << (step_log - 1);
  DriftModel drift;
  for (size_t i = 0; i < logs.size(); ++i) {
    if (logs[i] == kZeroLog) {
      costs.choice.offsets.push_back(kZeroRow);
      continue;
    }
    const int predicted_here = predicted.empty() ? 0 : predicted_offset(predicted[i], step_log);
    const int nearest = ((logs[i] + half) >> step_log) - predicted_here;
    DriftModel best_drift;
    int best = 0;
    uint64_t least = UINT64_MAX;
    for (int offset = nearest - 2; offset <= nearest + 2; ++offset) {
      const int tried = std::clamp(offset, -kMaxOffset, kMaxOffset);
      DriftModel after = drift;
      CountingCoder coder;
      after.code(coder, tried, -kMaxOffset, kMaxOffset);
      const int64_t error = logs[i] - (tried + predicted_here) * (1 << step_log);
      const uint64_t bits =
          coder.bits_q16 + static_cast<uint64_t>(error * error) * values_each * kBitsPerSquareQ16;
      if (bits >= least) continue;
      least = bits;
      best = tried;
      best_drift = after;
    }
    drift = best_drift;
    costs.bits_q16 += least;
    costs.choice.offsets.push_back(static_cast<int8_t>(best + predicted_here));
  }
  return costs;
}

int mean_of(std::span<const int> logs) {
  int64_t sum = 0;
  int64_t count = 0;
  for (const int log : logs) {
    if (log == kZeroLog) continue;
    sum += log;
    ++count;
  }
  return count == 0 ? 0 : static_cast<int>(sum / count);
}

void subtract(std::vector<int>& logs, int amount) {
  for (int& log : logs) log -= log == kZeroLog ? 0 : amount;
}

/// What the cost of one value depends on, but for what ShapeFit has.
struct CostedValue {
  int32_t mean_q4;
  int32_t scale;         ///< relative to the tensor's base
  uint32_t absmax_mass;  ///< escape mass if the tensor has absmax symbols
  int32_t q;
};

/// The fields of a model that are fitted to a sample of the values.
struct ShapeFit {
  int shape = kNormalShape;
  int base = 0;
  int escape_mass = 0;
};

/// Calls `use(CostedValue)` for the values of every `stride`-th row.
template <class Use>
void visit_costed(const Residuals& residuals, const TensorModel& model, size_t stride, Use&& use) {
  for (size_t row = stride / 2; row < residuals.rows(); row += stride) {
    if (model.row_step_log > 0 && model.row_offsets[row] == kZeroRow) continue;
    const size_t block = residuals.block_of(row);
    const int own = model.row_part(row) + (model.is_predicted() ? model.block_offsets[block] : 0);
    const size_t first_row = block << model.block_log;
    bool row_has_extreme = false;
    for (size_t column = 0; column < residuals.columns(); ++column) {
      const size_t place = residuals.place(row, column);
      const bool has_extreme =
          model.transposed ? residuals.first_extreme(column) < first_row : row_has_extreme;
      const int q = residuals.value(place);
      row_has_extreme = row_has_extreme || model.is_extreme(q);
      use(CostedValue{residuals.mean(place),
                      own + residuals.predicted_log(block, column) + model.column_part(column),
                      model.absmax_mass_at(first_row, column, has_extreme), q});
    }
  }
}

/// Adds up the bits of values of a tensor, in 1/256.
class ValueCosts {
 public:
  ValueCosts(const TensorModel& model, const ShapeFit& fit)
      : has_absmax_symbols_(fit.escape_mass == kAbsmaxSymbols),
        distribution_(fit.shape, model.lowest, model.highest, has_absmax_symbols_),
        base_(fit.base),
        escape_mass_(static_cast<uint32_t>(fit.escape_mass) << 5) {}

  void add(const CostedValue& value) {
    const Prediction at =
        distribution_.expect(value.mean_q4, std::clamp(base_ + value.scale, 0, kScaleCount - 1),
                             has_absmax_symbols_ ? value.absmax_mass : escape_mass_);
    bits_q8_ += interval_bits_[distribution_.below(value.q + 1, at) - distribution_.below(value.q, at)];
  }
  uint64_t bits_q8() const { return bits_q8_; }

 private:
  bool has_absmax_symbols_;
  Distribution distribution_;
  int base_;
  uint32_t escape_mass_;
  const uint16_t* interval_bits_ = interval_bits_q8();
  uint64_t bits_q8_ = 0;
};

/// The distribution shape, the tensor's scale and the escape mass that fit a sample best.
void fit_shape(const Residuals& residuals, TensorModel& model, const CompressionLevel& level) {
  constexpr size_t kSampleValues = 16'384;
  const size_t stride = std::max<size_t>(1, residuals.rows() * residuals.columns() / kSampleValues);
  std::vector<CostedValue> sample;
  visit_costed(residuals, model, stride, [&](const CostedValue& value) { sample.push_back(value); });
  ShapeFit best{.base = model.base, .escape_mass = model.escape_mass};
  uint64_t least = UINT64_MAX;
  const auto try_fit = [&](ShapeFit tried) {
    tried.base = std::clamp(tried.base, 0, kScaleCount - 1);
    ValueCosts costs(model, tried);
    for (const CostedValue& value : sample) costs.add(value);
    if (costs.bits_q8() >= least) return false;
    least = costs.bits_q8();
    best = tried;
    return true;
  };
  ShapeFit best_of_all;
  uint64_t least_of_all = UINT64_MAX;
  for (int shape = 0; shape < kShapeCount; ++shape) {
    if (!level.column_scales && shape != kNormalShape) continue;
    least = UINT64_MAX;
    try_fit({shape, model.base, model.escape_mass});
    for (const int step : {8, 4, 2, 1}) {
      const int center = best.base;
      for (const int base : {center - step, center + step}) try_fit({shape, base, model.escape_mass});
    }
    if (least >= least_of_all) continue;
    least_of_all = least;
    best_of_all = best;
  }
  best = best_of_all;
  least = least_of_all;
  if (level.column_scales) {
    for (const int escape_mass : {1, 2, 3, 5, 8, 12}) {
      if (!try_fit({best.shape, best.base, escape_mass})) break;
    }
  }
  if (level.column_scales && level.absmax) {
    const int center = best.base;
    for (const int change : {0, 1, 2, -1}) try_fit({best.shape, center + change, kAbsmaxSymbols});
  }
  model.shape = best.shape;
  model.base = best.base;
  model.escape_mass = best.escape_mass;
}

/// Fits everything but the rows' scales, on which prediction from a reference tensor depends.
void fit_column_scales(const Residuals& residuals, TensorModel& model, const CompressionLevel& level) {
  std::vector<int> rows(residuals.rows());
  for (size_t r = 0; r < rows.size(); ++r) {
    const bool is_zero = model.row_step_log > 0 && model.row_offsets[r] == kZeroRow;
    rows[r] = is_zero ? kZeroLog : model.row_part(r);
  }
  std::vector<int> columns = residuals.column_logs(rows);
  const int mean = take_mean(columns);
  OffsetChoice choice = choose_offsets(columns, residuals.rows());
  model.column_step_log = choice.step_log;
  model.column_offsets = std::move(choice.offsets);
  model.base = std::clamp(mean + 48, 0, kScaleCount - 1);
  fit_shape(residuals, model, level);
}

}  // namespace

OffsetChoice choose_offsets(std::span<const int> logs, uint64_t values_each, std::span<const int> predicted) {
  Costs best;
  for (const int log : logs) {
    best.bits_q16 += log == kZeroLog
                         ? uint64_t{1} << 40
                         : static_cast<uint64_t>(int64_t{log} * log) * values_each * kBitsPerSquareQ16;
  }
  for (int step_log = 1; step_log <= 3; ++step_log) {
    Costs costs = choose_with(step_log, logs, values_each, predicted);
    if (costs.bits_q16 < best.bits_q16) best = std::move(costs);
  }
  return std::move(best.choice);
}

uint64_t cost_q8(const Residuals& residuals, const TensorModel& model) {
  ValueCosts costs(model, {model.shape, model.base, model.escape_mass});
  visit_costed(residuals, model, 1, [&](const CostedValue& value) { costs.add(value); });
  return costs.bits_q8();
}

int take_mean(std::vector<int>& logs) {
  const int mean = mean_of(logs);
  subtract(logs, mean);
  return mean;
}

void fit_scales(const Residuals& residuals, TensorModel& model, const CompressionLevel& level) {
  if (model.has_reference()) return fit_column_scales(residuals, model, level);
  std::vector<int> columns(residuals.columns());
  std::vector<int> rows = residuals.row_logs(columns);
  if (level.column_scales && residuals.columns() > 1) {
    columns = residuals.column_logs(rows);
    take_mean(columns);
    OffsetChoice choice = choose_offsets(columns, residuals.rows());
    model.column_step_log = choice.step_log;
    model.column_offsets = std::move(choice.offsets);
    if (choice.step_log == 0) std::fill(columns.begin(), columns.end(), 0);
    rows = residuals.row_logs(columns);
  }
  const int base = mean_of(rows);
  model.base = std::clamp(base + 48, 0, kScaleCount - 1);
  if (model.is_predicted()) {
    for (size_t block = 0; block < model.block_count(); ++block) {
      const size_t first = block << model.block_log;
      const size_t count = std::min(model.block_rows(), rows.size() - first);
      const std::span<int> of_block = std::span(rows).subspan(first, count);
      const int offset = std::clamp(mean_of(of_block) - base, -kMaxOffset, kMaxOffset);
      model.block_offsets[block] = static_cast<int8_t>(offset);
      for (int& log : of_block) log -= log == kZeroLog ? 0 : offset;
    }
  }
  subtract(rows, base);
  // With one column a row's scale would take as many bits as its value.
  if (residuals.columns() >= 8) {
    OffsetChoice choice = choose_offsets(rows, residuals.columns());
    model.row_step_log = choice.step_log;
    model.row_offsets = std::move(choice.offsets);
  }
  fit_shape(residuals, model, level);
}

}  // namespace golf
