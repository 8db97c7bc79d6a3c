#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/linear_predictor.h"
#include "encode/golf/number_coder.h"
#include "encode/golf/shape_table.h"
#include "encode/plane_order.h"

namespace golf {

/// A member of one-byte elements seen as a matrix: a tensor of rank 2 or more has its first dimension as
/// rows, any other has one column. `transposed` exchanges the two.
struct PlaneView {
  size_t rows = 0;
  size_t columns = 0;

  bool operator==(const PlaneView&) const = default;
};
PlaneView natural_view(const Shape& shape);

/// What a row's prediction takes over from an earlier row: gain/16 of what that row's own prediction left.
struct RowReference {
  uint32_t row = 0;
  int8_t gain = 0;  ///< −16 … 15
};
inline constexpr int kMaxReferences = 3;

/// The earlier plane whose rows say something about a plane's.
struct Companion {
  int back = 0;             ///< so many planes before it; 0: none
  bool transposed = false;  ///< its columns are what goes with the plane's rows
  uint32_t group = 1;       ///< 1 … 1,024: see CompanionRows
};
inline constexpr int kMaxCompanionBack = 15;

/// Moments that are kept from plane to plane.
inline constexpr int kMemories = 3;
/// Blocks with a companion: sums over the rows of larger ones would not fit 32 bits.
inline constexpr int kMaxSharedBlockLog = 5;

/// Each row has about one value at the limit, as the largest that its scale was made from, in any column
/// alike.
inline constexpr int kPeakEdge = 15;

/// What is sent about a plane before its values: how their distributions follow from row, column and block.
/// Scales add up as logarithms, in sixteenths of an octave (docs/FORMAT.md).
struct PlaneModel {
  PlaneView view = {};  ///< after transposing
  int lowest = 0;       ///< the least and the greatest value
  int highest = 0;
  bool transposed = false;
  PredictionKind prediction = PredictionKind::kNone;
  int shape = kNormalShape;
  int edge = 0;  ///< extra probability of lowest and highest, in 1/2048, or kPeakEdge
  int base = 0;  ///< scale index of the whole plane
  int row_step_log =
      0;  ///< 0: rows have no scales of their own; else offsets count 2^row_step_log sixteenths
  int column_step_log = 0;
  int block_log = 0;        ///< rows of a block, as logarithm
  uint32_t prior_rows = 0;  ///< from here on if predicted
  int patience = 1;
  bool has_references = false;
  int memory = 0;      ///< 1 … kMemories: whose moments it starts from, and keeps; 0: none
  int forgetting = 0;  ///< of those it starts from: see Moments::forget
  Companion companion = {};
  int level =
      0;  ///< with a companion: scale index that rows are brought to before anything is learnt of them
  int hint_gain = 0;  ///< with a companion: quarters of its rows' scales that these rows' offsets follow
  std::vector<int8_t> row_offsets = {};  ///< kZeroRow: all its values are 0
  std::vector<int8_t> column_offsets = {};
  std::vector<int8_t> block_offsets = {};  ///< if predicted; in sixteenths

  /// Of rows; those of row r begin at reference_starts[r]. Empty without.
  std::vector<RowReference> references = {};
  std::vector<uint32_t> reference_starts = {};

  bool is_predicted() const { return prediction != PredictionKind::kNone; }
  bool has_companion() const { return prediction == PredictionKind::kCompanion; }
  bool is_constant() const { return lowest == highest; }
  /// Probability that lowest and highest have besides in a column of a block, each, out of 2^16; `peaked`:
  /// whether the tensor's own row had one of them before: in an earlier column, or if transposed an earlier
  /// block.
  uint32_t edge_at(size_t first_row, size_t column, bool peaked) const {
    if (!has_peaks()) return static_cast<uint32_t>(edge) << 5;
    const size_t left = transposed ? view.rows - first_row : view.columns - column;
    return peaked ? 0 : static_cast<uint32_t>((size_t{1} << 15) / (left + 1));
  }
  /// What the row adds to scale indices; meaningless for a row of zeros.
  int row_part(size_t row) const { return row_step_log == 0 ? 0 : row_offsets[row] * (1 << row_step_log); }
  int column_part(size_t column) const {
    return column_step_log == 0 ? 0 : column_offsets[column] * (1 << column_step_log);
  }
  bool has_peaks() const { return edge == kPeakEdge; }
  bool is_peak(int value) const { return value == lowest || value == highest; }
  size_t block_rows() const { return size_t{1} << block_log; }
  size_t block_count() const { return (view.rows + block_rows() - 1) >> block_log; }
};
/// log2 of the root of each row's sum of squares, in 1/1024; 0 for a row of zeros. `values` in the natural
/// view.
std::vector<int> row_norm_logs(std::span<const int8_t> values, const PlaneView& natural);

inline constexpr int kMaxOffset = 100;
inline constexpr int8_t kZeroRow = 127;
inline constexpr int kMaxBlockLog = 10;

/// Rows that a row may refer to: those of earlier blocks.
inline size_t referable_rows(const PlaneModel& model, size_t row) {
  return row >> model.block_log << model.block_log;
}

/// What a hint in sixteenths of an octave is in steps of the offsets.
inline int offset_hint(int hint, int step_log) { return std::clamp(hint >> step_log, -24, 24); }

namespace plane_model_detail {

template <class Coder>
int code_field(Coder& coder, int value, int bits) {
  return static_cast<int>(code_raw(coder, static_cast<uint32_t>(value), bits));
}

template <class Coder>
void code_offsets(Coder& coder, std::vector<int8_t>& offsets, size_t count) {
  DriftModel drift;
  for (size_t i = 0; i < count; ++i) {
    if (Coder::kDecodes) offsets.push_back(0);
    offsets[i] = static_cast<int8_t>(drift.code(coder, offsets[i], -kMaxOffset, kMaxOffset));
  }
}

template <class Coder>
void code_row_offsets(Coder& coder, PlaneModel& model, const std::vector<int>& hints) {
  DriftModel drift;
  AdaptiveBit is_zero[2];
  size_t context = 0;
  const bool has_zero = model.lowest <= 0 && model.highest >= 0;
  for (size_t i = 0; i < model.view.rows; ++i) {
    if (Coder::kDecodes) model.row_offsets.push_back(0);
    int8_t& offset = model.row_offsets[i];
    if (has_zero) {
      context = static_cast<size_t>(is_zero[context].code(coder, offset == kZeroRow ? 1 : 0));
      if (context != 0) {
        offset = kZeroRow;
        continue;
      }
    }
    const int hint = hints.empty() ? 0 : offset_hint(hints[i], model.row_step_log);
    offset = static_cast<int8_t>(drift.code(coder, offset - hint, -kMaxOffset, kMaxOffset) + hint);
  }
}

template <class Coder>
void code_references(Coder& coder, PlaneModel& model) {
  std::array<AdaptiveBit, kMaxReferences> has_another;
  std::array<AdaptiveBit, 32> gain_bits;
  if (Coder::kDecodes) model.reference_starts.push_back(0);
  for (size_t row = 0; row < model.view.rows; ++row) {
    const auto earlier = static_cast<uint32_t>(referable_rows(model, row));
    size_t index = model.reference_starts[row];
    const size_t end = Coder::kDecodes ? 0 : model.reference_starts[row + 1];
    for (AdaptiveBit& another : has_another) {
      if (earlier == 0 || another.code(coder, index < end ? 1 : 0) == 0) break;
      if (Coder::kDecodes) model.references.emplace_back();
      RowReference& reference = model.references[index++];
      reference.row = code_raw(coder, reference.row, static_cast<int>(std::bit_width(earlier - 1)));
      uint32_t node = 1;
      for (int i = 4; i >= 0; --i) {
        node = 2 * node + static_cast<uint32_t>(gain_bits[node].code(coder, (reference.gain + 16) >> i & 1));
      }
      reference.gain = static_cast<int8_t>(static_cast<int>(node & 31U) - 16);
    }
    if (Coder::kDecodes) model.reference_starts.push_back(static_cast<uint32_t>(index));
  }
}

}  // namespace plane_model_detail

/// Writes the model, or reads it. A decoder's `model` comes in empty. `hints_of(model)`: what is known of the
/// rows' scales, in sixteenths of an octave, or nothing. @throws what the coder throws
template <class Coder, class Hints>
void code_plane_model(Coder& coder, const PlaneView& natural, PlaneModel& model, Hints&& hints_of) {
  using plane_model_detail::code_field;
  model.lowest = code_field(coder, model.lowest + 128, 8) - 128;
  model.highest = code_field(coder, model.highest + 128, 8) - 128;
  model.view = natural;
  if (model.lowest >= model.highest) return;  // the caller refuses `lowest` > `highest`
  model.transposed = code_field(coder, model.transposed ? 1 : 0, 1) != 0;
  if (model.transposed) std::swap(model.view.rows, model.view.columns);
  model.shape = code_field(coder, model.shape, 3);
  model.edge = code_field(coder, model.edge, 4);
  model.base = code_field(coder, model.base, 8);
  model.block_log = code_field(coder, model.block_log, 4);
  model.row_step_log = code_field(coder, model.row_step_log, 2);
  model.column_step_log = code_field(coder, model.column_step_log, 2);
  model.prediction = static_cast<PredictionKind>(code_field(coder, static_cast<int>(model.prediction), 2));
  if (model.is_predicted()) {
    model.prior_rows = code_raw(coder, model.prior_rows, 16);
    model.patience = code_field(coder, model.patience - 1, 2) + 1;
    model.has_references = code_field(coder, model.has_references ? 1 : 0, 1) != 0;
    model.memory = code_field(coder, model.memory, 2);
    if (model.memory > 0) model.forgetting = code_field(coder, model.forgetting, 2);
  }
  if (model.has_companion()) {
    Companion& companion = model.companion;
    companion.back = code_field(coder, companion.back, 4);
    companion.transposed = code_field(coder, companion.transposed ? 1 : 0, 1) != 0;
    companion.group = code_raw(coder, companion.group - 1, 10) + 1;
    model.level = code_field(coder, model.level, 8);
    model.hint_gain = code_field(coder, model.hint_gain + 8, 4) - 8;
  }
  if (model.block_log > kMaxBlockLog) return;  // as above
  if (model.row_step_log > 0) plane_model_detail::code_row_offsets(coder, model, hints_of(model));
  if (model.column_step_log > 0) {
    plane_model_detail::code_offsets(coder, model.column_offsets, model.view.columns);
  }
  if (model.is_predicted()) {
    plane_model_detail::code_offsets(coder, model.block_offsets, model.block_count());
  }
  if (model.has_references) plane_model_detail::code_references(coder, model);
}

}  // namespace golf
