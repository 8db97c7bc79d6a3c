#pragma once

#include <cstdint>
#include <vector>

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

/// What is sent about a plane before its values: how their distributions follow from row, column and block.
/// Scales add up as logarithms, in sixteenths of an octave (docs/FORMAT.md).
struct PlaneModel {
  PlaneView view = {};  ///< after transposing
  int lowest = 0;       ///< the least and the greatest value
  int highest = 0;
  bool transposed = false;
  bool predicted = false;  ///< by LinearPredictor
  int shape = kNormalShape;
  int base = 0;  ///< scale index of the whole plane
  int row_step_log =
      0;  ///< 0: rows have no scales of their own; else offsets count 2^row_step_log sixteenths
  int column_step_log = 0;
  int block_log = 0;  ///< rows of a block, as logarithm
  uint32_t prior_rows = 0;
  std::vector<int8_t> row_offsets = {};     ///< kZeroRow: all its values are 0
  std::vector<int8_t> column_offsets = {};  ///< unless predicted
  std::vector<int8_t> block_offsets = {};   ///< if predicted; in sixteenths

  bool is_constant() const { return lowest == highest; }
  size_t block_rows() const { return size_t{1} << block_log; }
  size_t block_count() const { return (view.rows + block_rows() - 1) >> block_log; }
};
inline constexpr int kMaxOffset = 100;
inline constexpr int8_t kZeroRow = 127;
inline constexpr int kMaxBlockLog = 10;

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
  model.base = code_field(coder, model.base, 8);
  model.block_log = code_field(coder, model.block_log, 4);
  model.row_step_log = code_field(coder, model.row_step_log, 2);
  model.column_step_log = code_field(coder, model.column_step_log, 2);
  model.predicted = code_field(coder, model.predicted ? 1 : 0, 1) != 0;
  if (model.predicted) model.prior_rows = code_raw(coder, model.prior_rows, 16);
  if (model.block_log > kMaxBlockLog) return;  // as above
  if (model.row_step_log > 0) plane_model_detail::code_row_offsets(coder, model);
  if (model.column_step_log > 0) {
    plane_model_detail::code_offsets(coder, model.column_offsets, model.view.columns);
  }
  if (model.predicted) plane_model_detail::code_offsets(coder, model.block_offsets, model.block_count());
}

}  // namespace golf
