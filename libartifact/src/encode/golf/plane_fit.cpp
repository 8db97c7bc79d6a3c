#include "encode/golf/plane_fit.h"

#include <algorithm>
#include <bit>

#include "encode/golf/distribution.h"
#include "encode/golf/offset_choice.h"
#include "encode/golf/reference_search.h"
#include "encode/golf/residuals.h"

namespace golf {
namespace {

/// The first effort at which rows' peaks count; a table does not serve for them.
constexpr int kPeakEffort = 4;

/// The plane's bits under `model`, in 1/256, over every `stride`-th row.
uint64_t cost_q8(const Residuals& residuals, const PlaneModel& model, size_t stride) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  uint64_t bits = 0;
  for (size_t row = stride / 2; row < residuals.rows(); row += stride) {
    const int row_offset = model.row_step_log > 0 ? model.row_offsets[row] : 0;
    if (model.row_step_log > 0 && row_offset == kZeroRow) continue;
    const size_t block = residuals.block_of(row);
    const int own = model.base + row_offset * (1 << model.row_step_log) +
                    (model.is_predicted() ? model.block_offsets[block] : 0);
    bool peaked = false;
    for (size_t column = 0; column < residuals.columns(); ++column) {
      const size_t place = residuals.place(row, column);
      int scale = own + residuals.predicted_log(block, column);
      if (model.column_step_log > 0) scale += model.column_offsets[column] * (1 << model.column_step_log);
      const Prediction at = distribution.expect(residuals.mean(place), std::clamp(scale, 0, kScaleCount - 1),
                                                model.edge_at(column, peaked));
      const int q = residuals.value(place);
      peaked = peaked || model.is_peak(q);
      bits += interval_bits_q8(distribution.below(q + 1, at) - distribution.below(q, at));
    }
  }
  return bits;
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

/// The shape and the plane's scale that suit a sample best.
void fit_shape(const Residuals& residuals, PlaneModel& model, int effort) {
  constexpr size_t kSampleValues = 16'384;
  const size_t stride = std::max<size_t>(1, residuals.rows() * residuals.columns() / kSampleValues);
  const int start = model.base;
  uint64_t least = UINT64_MAX;
  PlaneModel best = model;
  for (int shape = 0; shape < kShapeCount; ++shape) {
    if (effort < 2 && shape != kNormalShape) continue;
    model.shape = shape;
    model.base = start;
    uint64_t here = UINT64_MAX;
    for (int step : {8, 4, 2, 1}) {
      const int center = model.base;
      for (const int base : {center, center - step, center + step}) {
        PlaneModel tried = model;
        tried.base = std::clamp(base, 0, kScaleCount - 1);
        const uint64_t bits = cost_q8(residuals, tried, stride);
        if (bits < here) {
          here = bits;
          model.base = tried.base;
        }
      }
    }
    if (here < least) {
      least = here;
      best = model;
    }
  }
  model = std::move(best);
  if (effort < 2) return;
  for (const int edge : {1, 2, 3, 5, 8, 12}) {
    PlaneModel tried = model;
    tried.edge = edge;
    const uint64_t bits = cost_q8(residuals, tried, stride);
    if (bits >= least) break;
    least = bits;
    model.edge = edge;
  }
  // Scales belong to the tensor's own rows.
  if (effort < kPeakEffort || model.transposed) return;
  for (const int base : {model.base, model.base + 1, model.base + 2, model.base - 1}) {
    PlaneModel tried = model;
    tried.base = std::clamp(base, 0, kScaleCount - 1);
    tried.edge = kPeakEdge;
    const uint64_t bits = cost_q8(residuals, tried, stride);
    if (bits >= least) continue;
    least = bits;
    model = std::move(tried);
  }
}

/// Fits everything but the choice between predicted and not.
void fit_scales(const Residuals& residuals, PlaneModel& model, int effort) {
  std::vector<int> columns(residuals.columns());
  std::vector<int> rows = residuals.row_logs(columns);
  if (effort >= 2 && residuals.columns() > 1) {
    columns = residuals.column_logs(rows);
    subtract(columns, mean_of(columns));
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
  // With one column a row's scale would say as much as its value.
  if (residuals.columns() >= 8) {
    OffsetChoice choice = choose_offsets(rows, residuals.columns());
    model.row_step_log = choice.step_log;
    model.row_offsets = std::move(choice.offsets);
  }
  fit_shape(residuals, model, effort);
}

struct Fit {
  PlaneModel model = {};
  uint64_t bits_q8 = UINT64_MAX;
};

/// The model as it is before its scales are fitted.
PlaneModel without_scales(PlaneModel model) {
  model.base = model.edge = model.row_step_log = model.column_step_log = 0;
  model.block_offsets.assign(model.is_predicted() ? model.block_count() : 0, 0);
  return model;
}

/// Side information but references is not counted: it hardly differs.
Fit fit_candidate(std::span<const int8_t> values, PlaneModel model, int effort) {
  model = without_scales(std::move(model));
  const Residuals residuals(values, model);
  fit_scales(residuals, model, effort);
  const uint64_t bits = cost_q8(residuals, model, 1) + (uint64_t{24} << 8) * model.references.size();
  return {std::move(model), bits};
}

/// A row is predicted from the blocks before its own, so the smaller the better; but NumPy, which efforts up
/// to 3 are meant for, takes as long for a column of 10 rows as for one of 100.
int predicted_block_log(int effort, size_t rows, size_t columns) {
  if (effort > 3) return 3;
  const size_t values = rows * columns;
  if (values <= size_t{1} << 17) return 4;
  return std::max(values < size_t{1} << 18 ? 6 : 7, static_cast<int>(std::bit_width(rows / 32)));
}

/// What an effort tries.
struct Search {
  bool both_directions;  ///< rows predicted from columns, and columns from rows
  bool both_kinds;       ///< likeness and orthogonality
  bool several_priors;
  int max_references;
  size_t probe_columns;
};
Search search_of(int effort) {
  return {.both_directions = effort >= 5,
          .both_kinds = effort >= 5,
          .several_priors = effort == 3 || effort >= 6,
          .max_references = effort >= 9   ? 3
                            : effort >= 7 ? 2
                            : effort >= 5 ? 1
                                          : 0,
          .probe_columns = effort >= 9   ? SIZE_MAX
                           : effort >= 7 ? size_t{128}
                                         : size_t{64}};
}

class PlaneSearch {
 public:
  PlaneSearch(std::span<const int8_t> values, const FitOptions& options)
      : values_(values), options_(options), search_(search_of(options.effort)) {}

  PlaneModel run(const PlaneModel& plain) {
    best_ = fit_candidate(values_, plain, options_.effort);
    if (options_.effort < 3) return std::move(best_.model);
    if (options_.effort >= kPeakEffort && plain.transposed) try_model(turned(plain));
    // Predicting takes longer to decode: at a low effort it must pay.
    if (options_.effort == 3) best_.bits_q8 -= best_.bits_q8 / 64;
    for (const bool is_turned : {false, true}) {
      for (const PredictionKind kind : {PredictionKind::kLikeness, PredictionKind::kOrthogonality}) {
        if (is_turned && !search_.both_directions) continue;
        if (kind == PredictionKind::kOrthogonality && !search_.both_kinds) continue;
        try_prediction(plain, kind, is_turned);
      }
    }
    if (search_.max_references > 0 && best_.model.is_predicted()) try_references();
    return std::move(best_.model);
  }

 private:
  void try_model(const PlaneModel& model) {
    Fit fit = fit_candidate(values_, model, options_.effort);
    if (fit.bits_q8 < best_.bits_q8) best_ = std::move(fit);
  }

  static PlaneModel turned(PlaneModel model) {
    model.transposed = !model.transposed;
    std::swap(model.view.rows, model.view.columns);
    return model;
  }

  void try_prediction(PlaneModel model, PredictionKind kind, bool is_turned) {
    if (is_turned) model = turned(std::move(model));
    const auto [rows, columns] = model.view;
    if (columns < 8 || columns > LinearPredictor::kMaxColumns || rows < 8) return;
    model.prediction = kind;
    const int block_log = predicted_block_log(options_.effort, rows, columns);
    model.patience = block_log > 4 ? 3 : 4;
    model.block_log = std::min(options_.max_block_log, block_log);
    if (!try_prior(model, columns) || !search_.several_priors) return;
    if (try_prior(model, 2 * columns)) return;
    for (size_t prior = columns / 2; prior > 0 && try_prior(model, prior); prior /= 2) {
    }
  }

  /// Whether it is the best yet.
  bool try_prior(PlaneModel model, size_t prior_rows) {
    const uint64_t before = best_.bits_q8;
    model.prior_rows = static_cast<uint32_t>(prior_rows);
    try_model(model);
    return best_.bits_q8 < before;
  }

  void try_references() {
    PlaneModel model = best_.model;
    const PlaneModel unscaled = without_scales(model);
    find_references(Residuals(values_, unscaled).whitened(), {search_.max_references, search_.probe_columns},
                    model);
    if (model.has_references) try_model(model);
  }

  std::span<const int8_t> values_;
  FitOptions options_;
  Search search_;
  Fit best_;
};

}  // namespace

PlaneModel fit_plane(std::span<const int8_t> values, const PlaneView& natural, const FitOptions& options) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  PlaneModel model{.view = natural, .lowest = *least, .highest = *greatest};
  if (model.is_constant()) return model;
  // Tall rather than wide: rows fill the lanes, and the predictor learns from many rows about few columns.
  model.transposed = natural.columns > natural.rows;
  if (model.transposed) std::swap(model.view.rows, model.view.columns);
  model.block_log = options.max_block_log;
  return PlaneSearch(values, options).run(model);
}

}  // namespace golf
