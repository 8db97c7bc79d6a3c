#include "encode/golf/plane_fit.h"

#include <algorithm>
#include <bit>

#include "encode/golf/offset_choice.h"
#include "encode/golf/reference_search.h"
#include "encode/golf/residuals.h"
#include "encode/golf/scale_fit.h"

namespace golf {
namespace {

struct Fit {
  PlaneModel model = {};
  uint64_t bits_q8 = UINT64_MAX;
};

/// The model as it is before its scales are fitted. With a companion rows keep theirs.
PlaneModel without_scales(PlaneModel model) {
  model.base = model.edge = model.column_step_log = 0;
  if (!model.has_companion()) model.row_step_log = 0;
  model.block_offsets.assign(model.is_predicted() ? model.block_count() : 0, 0);
  return model;
}

/// Side information but references is not counted: it hardly differs.
Fit fit_candidate(std::span<const int8_t> values, const PlaneHistory& history, PlaneModel model, int effort) {
  model = without_scales(std::move(model));
  const Residuals residuals(values, model, history);
  fit_scales(residuals, model, effort);
  const uint64_t bits = cost_q8(residuals, model, 1) + (uint64_t{24} << 8) * model.references.size();
  return {std::move(model), bits};
}

/// Learning from every other row is slow, and worth something only where there are few.
constexpr int kSmallestBlockLog = 1;

/// A row is predicted from the blocks before its own, so the smaller the better; but NumPy, which efforts up
/// to 3 are meant for, takes as long for a column of 10 rows as for one of 100.
int predicted_block_log(int effort, size_t rows, size_t columns) {
  const size_t values = rows * columns;
  if (effort == 9 && values <= size_t{1} << 17) return kSmallestBlockLog;
  if (effort > 3) return 3;
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
  PlaneSearch(std::span<const int8_t> values, const FitOptions& options, const PlaneHistory& history)
      : values_(values), options_(options), history_(history), search_(search_of(options.effort)) {}

  PlaneModel run(const PlaneModel& plain, const std::optional<Relation>& relation) {
    best_ = fit_candidate(values_, history_, plain, options_.effort);
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
    if (options_.effort == 9) try_smallest_blocks();
    if (relation) {
      if (relation->companion.back > 0) {
        try_relation(plain, *relation);
      } else {
        try_shared(plain, relation->memory);
      }
    }
    if (search_.max_references > 0 && best_.model.is_predicted() && !best_.model.has_companion()) {
      try_references();
    }
    return std::move(best_.model);
  }

 private:
  void try_model(const PlaneModel& model) {
    Fit fit = fit_candidate(values_, history_, model, options_.effort);
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

  /// What is best so far in the smallest blocks.
  void try_smallest_blocks() {
    constexpr size_t kMostValues = size_t{1} << 19;
    PlaneModel model = best_.model;
    if (!model.is_predicted() || values_.size() > kMostValues || model.block_log <= kSmallestBlockLog) return;
    model.block_log = kSmallestBlockLog;
    try_model(model);
  }

  /// Fits the rows' scales once more, as prediction from the companion is built upon them and they may follow
  /// its.
  void fit_levels(PlaneModel& model) {
    const PlaneModel unscaled = without_scales(model);
    const Residuals residuals(values_, unscaled, history_);
    std::vector<int> columns(model.view.columns);
    for (size_t c = 0; c < columns.size(); ++c) columns[c] = model.column_part(c);
    std::vector<int> rows = residuals.row_logs(columns);
    model.level = std::clamp(take_mean(rows) + 48, 0, kScaleCount - 1);
    model.hint_gain = 4;
    const std::vector<int> logs = row_hints(model, history_);
    int64_t product = 0;
    int64_t square = 1;
    for (size_t r = 0; r < logs.size(); ++r) {
      if (rows[r] == kZeroLog) continue;
      product += int64_t{logs[r]} * rows[r];
      square += int64_t{logs[r]} * logs[r];
    }
    model.hint_gain = static_cast<int>(std::clamp<int64_t>((8 * product + square) / (2 * square), -8, 7));
    OffsetChoice choice = choose_offsets(rows, model.view.columns, row_hints(model, history_));
    model.row_step_log = choice.step_log;
    model.row_offsets = std::move(choice.offsets);
  }

  /// Later planes learn from what this one's memory keeps, so that it may cost a little.
  void try_relation(PlaneModel model, const Relation& relation) {
    if (model.transposed != relation.transposed) model = turned(std::move(model));
    model = fit_candidate(values_, history_, std::move(model), options_.effort).model;
    model.companion = relation.companion;
    fit_levels(model);
    model.prediction = PredictionKind::kCompanion;
    model.memory = relation.memory;
    model.forgetting = 3;
    model.patience = 3;
    model.block_log = std::min(options_.max_block_log, kMaxSharedBlockLog);
    if (relation.memory > 0) best_.bits_q8 += best_.bits_q8 / 256;
    search_prior(model);
  }

  /// Prediction in the plane's own direction that starts from what planes with as many columns have shown.
  void try_shared(PlaneModel model, int memory) {
    if (model.transposed) model = turned(std::move(model));
    if (model.view.columns > LinearPredictor::kMaxColumns) return;
    model.prediction = PredictionKind::kLikeness;
    model.memory = memory;
    model.forgetting = 3;
    model.patience = 3;
    model.block_log = std::min(options_.max_block_log, kMaxSharedBlockLog);
    best_.bits_q8 += best_.bits_q8 / 1024;
    search_prior(model);
  }

  void search_prior(const PlaneModel& model) {
    // The largest hardly predicts at all: it is for a memory to begin with.
    constexpr size_t kMostPrior = 65'535;
    size_t prior = std::min(kMostPrior, 8 * model.view.columns);
    if (!try_prior(model, prior)) {
      if (model.memory > 0) try_prior(model, kMostPrior);
      return;
    }
    if (try_prior(model, prior / 2)) {
      for (prior /= 4; prior > 0 && try_prior(model, prior); prior /= 2) {
      }
      return;
    }
    while (prior < kMostPrior) {
      prior = std::min(kMostPrior, 2 * prior);
      if (!try_prior(model, prior)) break;
    }
  }

  void try_references() {
    PlaneModel model = best_.model;
    const PlaneModel unscaled = without_scales(model);
    find_references(Residuals(values_, unscaled, history_).whitened(),
                    {search_.max_references, search_.probe_columns}, model);
    if (model.has_references) try_model(model);
  }

  std::span<const int8_t> values_;
  FitOptions options_;
  const PlaneHistory& history_;
  Search search_;
  Fit best_;
};

}  // namespace

PlaneModel fit_plane(const PlaneSource& plane, const FitOptions& options, const PlaneHistory& history,
                     const std::optional<Relation>& relation) {
  const auto [least, greatest] = std::minmax_element(plane.values.begin(), plane.values.end());
  PlaneModel model{.view = plane.natural, .lowest = *least, .highest = *greatest};
  if (model.is_constant()) return model;
  // Tall rather than wide: rows fill the lanes, and the predictor learns from many rows about few columns.
  model.transposed = plane.natural.columns > plane.natural.rows;
  model.view = plane.view(model.transposed);
  model.block_log = options.max_block_log;
  return PlaneSearch(plane.values, options, history).run(model, relation);
}

}  // namespace golf
