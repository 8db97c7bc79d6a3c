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
  std::vector<int8_t> row_offsets = {};  ///< kZeroRow: all its values are 0
  std::vector<int8_t> column_offsets = {};
  std::vector<int8_t> block_offsets = {};  ///< if predicted; in sixteenths

  /// Of rows; those of row r begin at reference_starts[r]. Empty without.
  std::vector<RowReference> references = {};
  std::vector<uint32_t> reference_starts = {};

  bool is_predicted() const { return prediction != PredictionKind::kNone; }
  bool is_constant() const { return lowest == highest; }
  /// Probability that lowest and highest have besides in a column, each, out of 2^16; `peaked`: whether the
  /// row had one of them in an earlier column.
  uint32_t edge_at(size_t column, bool peaked) const {
    if (!has_peaks()) return static_cast<uint32_t>(edge) << 5;
    return peaked ? 0 : static_cast<uint32_t>((size_t{1} << 15) / (view.columns - column + 1));
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
void code_row_offsets(Coder& coder, PlaneModel& model) {
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
    offset = static_cast<int8_t>(drift.code(coder, offset, -kMaxOffset, kMaxOffset));
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

/// Writes the model, or reads it. A decoder's `model` comes in empty. @throws what the coder throws
template <class Coder>
void code_plane_model(Coder& coder, const PlaneView& natural, PlaneModel& model) {
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
  }
  if (model.block_log > kMaxBlockLog) return;  // as above
  if (model.row_step_log > 0) plane_model_detail::code_row_offsets(coder, model);
  if (model.column_step_log > 0) {
    plane_model_detail::code_offsets(coder, model.column_offsets, model.view.columns);
  }
  if (model.is_predicted()) {
    plane_model_detail::code_offsets(coder, model.block_offsets, model.block_count());
  }
  if (model.has_references) plane_model_detail::code_references(coder, model);
}

}  // namespace golf
