#include "encode/golf/tensor_model.h"

#include <bit>

#include "encode/golf/entropy_coders.h"
#include "encode/golf/fixed_math.h"
#include "encode/golf/number_models.h"
#include "encode/golf/stream_coder.h"

namespace golf {
namespace {

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
void code_row_offsets(Coder& coder, TensorModel& model, const std::vector<int>& predicted) {
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
    const int predicted_here = predicted.empty() ? 0 : predicted_offset(predicted[i], model.row_step_log);
    offset = static_cast<int8_t>(drift.code(coder, offset - predicted_here, -kMaxOffset, kMaxOffset) +
                                 predicted_here);
  }
}

template <class Coder>
void code_row_matches(Coder& coder, TensorModel& model) {
  std::array<AdaptiveBit, kMaxRowMatches> has_another;
  std::array<AdaptiveBit, 32> gain_bits;
  if (Coder::kDecodes) model.match_starts.push_back(0);
  for (size_t row = 0; row < model.view.rows; ++row) {
    const auto earlier = static_cast<uint32_t>(model.matchable_rows(row));
    size_t index = model.match_starts[row];
    const size_t end = Coder::kDecodes ? 0 : model.match_starts[row + 1];
    for (AdaptiveBit& another : has_another) {
      if (earlier == 0 || another.code(coder, index < end ? 1 : 0) == 0) break;
      if (Coder::kDecodes) model.row_matches.emplace_back();
      RowMatch& match = model.row_matches[index++];
      match.row = code_raw(coder, match.row, static_cast<int>(std::bit_width(earlier - 1)));
      uint32_t node = 1;
      for (int i = 4; i >= 0; --i) {
        node = 2 * node + static_cast<uint32_t>(gain_bits[node].code(coder, (match.gain + 16) >> i & 1));
      }
      match.gain = static_cast<int8_t>(static_cast<int>(node & 31U) - 16);
    }
    if (Coder::kDecodes) model.match_starts.push_back(static_cast<uint32_t>(index));
  }
}

}  // namespace

template <class Coder>
void code_tensor_model(Coder& coder, int method, const MatrixView& natural, TensorModel& model,
                       const PredictRowLogs& predict_row_logs) {
  model.lowest = code_field(coder, model.lowest + 128, 8) - 128;
  model.highest = code_field(coder, model.highest + 128, 8) - 128;
  model.view = natural;
  if (model.lowest >= model.highest) return;  // the caller refuses `lowest` > `highest`
  model.transposed = code_field(coder, model.transposed ? 1 : 0, 1) != 0;
  if (model.transposed) std::swap(model.view.rows, model.view.columns);
  model.shape = code_field(coder, model.shape, 3);
  model.escape_mass = code_field(coder, model.escape_mass, 4);
  model.base = code_field(coder, model.base, 8);
  model.block_log = code_field(coder, model.block_log, 4);
  model.row_step_log = code_field(coder, model.row_step_log, 2);
  model.column_step_log = code_field(coder, model.column_step_log, 2);
  model.prediction = static_cast<PredictionKind>(code_field(coder, static_cast<int>(model.prediction), 2));
  if (model.is_predicted()) {
    model.prior_rows = code_raw(coder, model.prior_rows, 16);
    model.refit_shift = code_field(coder, model.refit_shift - 1, 2) + 1;
    model.has_row_matches = code_field(coder, model.has_row_matches ? 1 : 0, 1) != 0;
    model.slot = code_field(coder, model.slot, 2);
    if (model.slot > 0) model.decay = code_field(coder, model.decay, 2);
    if (!model.has_reference() && method > kFirstMethod) {
      model.is_reversed = code_field(coder, model.is_reversed ? 1 : 0, 1) != 0;
    }
  }
  if (model.has_reference()) {
    ReferenceTensor& reference = model.reference;
    reference.back = code_field(coder, reference.back, 4);
    reference.transposed = code_field(coder, reference.transposed ? 1 : 0, 1) != 0;
    reference.group = code_raw(coder, reference.group - 1, 10) + 1;
    model.normalization = code_field(coder, model.normalization, 8);
    model.scale_gain = code_field(coder, model.scale_gain + 8, 4) - 8;
  }
  if (model.block_log > kMaxBlockLog) return;  // as above
  if (model.row_step_log > 0) code_row_offsets(coder, model, predict_row_logs(model));
  if (model.column_step_log > 0) {
    code_offsets(coder, model.column_offsets, model.view.columns);
  }
  if (model.is_predicted()) {
    code_offsets(coder, model.block_offsets, model.block_count());
  }
  if (model.has_row_matches) code_row_matches(coder, model);
}

template void code_tensor_model(RangeEncoder&, int, const MatrixView&, TensorModel&, const PredictRowLogs&);
template void code_tensor_model(RangeDecoder&, int, const MatrixView&, TensorModel&, const PredictRowLogs&);

MatrixView natural_view(const Shape& shape) {
  const auto elements = static_cast<size_t>(element_count(shape));
  if (shape.size() < 2 || elements == 0) return {elements, 1};
  const auto rows = static_cast<size_t>(shape[0]);
  return {rows, elements / rows};
}

std::vector<int> row_norm_logs(std::span<const int8_t> values, const MatrixView& natural) {
  std::vector<int> logs(natural.rows);
  for (size_t r = 0; r < natural.rows; ++r) {
    uint64_t sum = 0;
    for (const int8_t value : values.subspan(r * natural.columns, natural.columns)) {
      sum += static_cast<uint64_t>(value * value);
    }
    if (sum > 0) logs[r] = log2_q16(sum) >> 7;
  }
  return logs;
}

}  // namespace golf
