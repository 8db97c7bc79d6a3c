#include "encode/golf/search/model_search.h"

#include <algorithm>
#include <bit>

#include "encode/golf/search/residuals.h"
#include "encode/golf/search/scale_fit.h"

namespace golf {
namespace {

struct Fit {
  TensorModel model = {};
  uint64_t bits_q8 = UINT64_MAX;
};

/// The model before its scales are fitted. With a reference tensor rows keep theirs.
TensorModel without_scales(TensorModel model) {
  model.base = model.escape_mass = model.column_step_log = 0;
  if (!model.has_reference()) model.row_step_log = 0;
  model.block_offsets.assign(model.is_predicted() ? model.block_count() : 0, 0);
  return model;
}

/// Of the side information only row matches are counted: the rest hardly differs.
Fit fit_candidate(std::span<const int8_t> values, const StreamHistory& history, TensorModel model,
                  const CompressionLevel& level) {
  model = without_scales(std::move(model));
  const Residuals residuals(values, model, history);
  fit_scales(residuals, model, level);
  const uint64_t bits = cost_q8(residuals, model) + (uint64_t{24} << 8) * model.row_matches.size();
  return {std::move(model), bits};
}

/// Refitting after every second row is slow, and saves something only where there are few rows.
constexpr int kSmallestBlockLog = 1;

/// A row is predicted from the blocks before its own, so small blocks save bits. NumPy, for which levels up
/// to kFastPythonLevel are meant, takes as long for a column of 10 rows as for one of 100.
int predicted_block_log(const CompressionLevel& level, size_t rows, size_t columns) {
  const size_t values = rows * columns;
  if (level.smallest_blocks && values <= size_t{1} << 17) return kSmallestBlockLog;
  if (level.small_blocks) return 3;
  if (values <= size_t{1} << 17) return 4;
  return std::max(values < size_t{1} << 18 ? 6 : 7, static_cast<int>(std::bit_width(rows / 32)));
}

class ModelSearch {
 public:
  ModelSearch(std::span<const int8_t> values, const CompressionLevel& level, int max_block_log,
              const StreamHistory& history)
      : values_(values), level_(level), max_block_log_(max_block_log), history_(history) {}

  TensorModel run(const TensorModel& plain, const std::optional<TensorRelation>& relation) {
    best_ = fit_candidate(values_, history_, plain, level_);
    if (!level_.predict) return std::move(best_.model);
    if (level_.absmax && plain.transposed) try_model(turned(plain));
    if (level_.least_saving_log > 0) best_.bits_q8 -= best_.bits_q8 >> level_.least_saving_log;
    for (const bool is_turned : {false, true}) {
      for (const PredictionKind kind : {PredictionKind::kCovariance, PredictionKind::kInverseCovariance}) {
        if (is_turned && !level_.all_predictions) continue;
        if (kind == PredictionKind::kInverseCovariance && !level_.all_predictions) continue;
        try_prediction(plain, kind, is_turned);
      }
    }
    if (level_.smallest_blocks) try_smallest_blocks();
    if (level_.all_predictions) try_reversed();
    if (relation) {
      if (relation->reference.back > 0) {
        try_relation(plain, *relation);
      } else {
        try_shared(plain, relation->slot);
      }
    }
    if (level_.max_row_matches > 0 && best_.model.is_predicted() && !best_.model.has_reference()) {
      try_row_matches();
    }
    return std::move(best_.model);
  }

 private:
  void try_model(const TensorModel& model) {
    Fit fit = fit_candidate(values_, history_, model, level_);
    if (fit.bits_q8 < best_.bits_q8) best_ = std::move(fit);
  }

  static TensorModel turned(TensorModel model) {
    model.transposed = !model.transposed;
    std::swap(model.view.rows, model.view.columns);
    return model;
  }

  void try_prediction(TensorModel model, PredictionKind kind, bool is_turned) {
    if (is_turned) model = turned(std::move(model));
    const auto [rows, columns] = model.view;
    if (columns < 8 || columns > LinearPredictor::kMaxColumns || rows < 8) return;
    model.prediction = kind;
    const int block_log = predicted_block_log(level_, rows, columns);
    model.refit_shift = block_log > 4 ? 3 : 4;
    model.block_log = std::min(max_block_log_, block_log);
    if (!try_prior(model, columns) || !level_.several_priors) return;
    if (try_prior(model, 2 * columns)) return;
    for (size_t prior = columns / 2; prior > 0 && try_prior(model, prior); prior /= 2) {
    }
  }

  /// Whether it is the best yet.
  bool try_prior(TensorModel model, size_t prior_rows) {
    const uint64_t before = best_.bits_q8;
    model.prior_rows = static_cast<uint32_t>(prior_rows);
    try_model(model);
    return best_.bits_q8 < before;
  }

  /// The best model so far in the smallest blocks.
  void try_smallest_blocks() {
    constexpr size_t kMostValues = size_t{1} << 19;
    TensorModel model = best_.model;
    if (!model.is_predicted() || values_.size() > kMostValues || model.block_log <= kSmallestBlockLog) return;
    model.block_log = kSmallestBlockLog;
    try_model(model);
  }

  /// Tables of tokens, which come by frequency: the rows of rare ones, which come last, resemble each other
  /// most, so that others are predicted well from them.
  void try_reversed() {
    TensorModel model = best_.model;
    if (!model.is_predicted() || model.view.rows < 8 * model.view.columns) return;
    model.is_reversed = true;
    try_model(model);
  }

  /// Fits the rows' scales once more, because prediction from the reference tensor depends on them and they
  /// may be predicted from its scales.
  void fit_normalization(TensorModel& model) {
    const TensorModel unscaled = without_scales(model);
    const Residuals residuals(values_, unscaled, history_);
    std::vector<int> columns(model.view.columns);
    for (size_t c = 0; c < columns.size(); ++c) columns[c] = model.column_part(c);
    std::vector<int> rows = residuals.row_logs(columns);
    model.normalization = std::clamp(take_mean(rows) + 48, 0, kScaleCount - 1);
    model.scale_gain = 4;
    const std::vector<int> logs = predicted_row_logs(model, history_);
    int64_t product = 0;
    int64_t square = 1;
    for (size_t r = 0; r < logs.size(); ++r) {
      if (rows[r] == kZeroLog) continue;
      product += int64_t{logs[r]} * rows[r];
      square += int64_t{logs[r]} * logs[r];
    }
    model.scale_gain = static_cast<int>(std::clamp<int64_t>((8 * product + square) / (2 * square), -8, 7));
    OffsetChoice choice = choose_offsets(rows, model.view.columns, predicted_row_logs(model, history_));
    model.row_step_log = choice.step_log;
    model.row_offsets = std::move(choice.offsets);
  }

  /// Later tensors learn from the statistics that this one carries on, so it may cost a little.
  void try_relation(TensorModel model, const TensorRelation& relation) {
    if (model.transposed != relation.transposed) model = turned(std::move(model));
    model = fit_candidate(values_, history_, std::move(model), level_).model;
    model.reference = relation.reference;
    fit_normalization(model);
    model.prediction = PredictionKind::kReferenceTensor;
    model.slot = relation.slot;
    model.decay = 3;
    model.refit_shift = 3;
    model.block_log = std::min(max_block_log_, kMaxReferenceBlockLog);
    if (relation.slot > 0) best_.bits_q8 += best_.bits_q8 / 256;
    search_prior(model);
  }

  /// Prediction in the natural view that starts from the statistics of tensors with as many columns.
  void try_shared(TensorModel model, int slot) {
    if (model.transposed) model = turned(std::move(model));
    if (model.view.columns > LinearPredictor::kMaxColumns) return;
    model.prediction = PredictionKind::kCovariance;
    model.slot = slot;
    model.decay = 3;
    model.refit_shift = 3;
    model.block_log = std::min(max_block_log_, kMaxReferenceBlockLog);
    best_.bits_q8 += best_.bits_q8 / 1024;
    search_prior(model);
  }

  void search_prior(const TensorModel& model) {
    // The largest prior hardly predicts at all: with it carried statistics begin.
    constexpr size_t kMostPrior = 65'535;
    size_t prior = std::min(kMostPrior, 8 * model.view.columns);
    if (!try_prior(model, prior)) {
      if (model.slot > 0) try_prior(model, kMostPrior);
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

  void try_row_matches() {
    TensorModel model = best_.model;
    const TensorModel unscaled = without_scales(model);
    find_row_matches(Residuals(values_, unscaled, history_).whitened(), level_.max_row_matches,
                     level_.probe_columns, model);
    if (model.has_row_matches) try_model(model);
  }

  std::span<const int8_t> values_;
  const CompressionLevel& level_;
  int max_block_log_;
  const StreamHistory& history_;
  Fit best_;
};

}  // namespace

TensorModel search_model(const Int8Tensor& tensor, const CompressionLevel& level, int max_block_log,
                         const StreamHistory& history, const std::optional<TensorRelation>& relation) {
  const auto [lowest, highest] = std::ranges::minmax(tensor.values);
  TensorModel model{.view = tensor.natural, .lowest = lowest, .highest = highest};
  if (model.is_constant()) return model;
  // Tall rather than wide: rows fill the lanes, and the predictor learns from many rows about few columns.
  model.transposed = tensor.natural.columns > tensor.natural.rows;
  model.view = tensor.view(model.transposed);
  model.block_log = max_block_log;
  return ModelSearch(tensor.values, level, max_block_log, history).run(model, relation);
}

}  // namespace golf
