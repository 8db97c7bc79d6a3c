#include "encode/golf/stream_history.h"

#include "encode/golf/fixed_math.h"

namespace golf {

Moments StreamHistory::starting_moments(const TensorModel& model, size_t given) const {
  Moments moments = statistics[static_cast<size_t>(model.slot)];
  if (moments.given != given || moments.columns != model.view.columns) return {};
  moments.decay(model.decay);
  return moments;
}

void ReferenceRows::gather(size_t first_row, size_t rows, std::span<int16_t> block) const {
  for (size_t r = 0; r < rows; ++r) {
    uint64_t squares = 1;
    for (size_t c = 0; c < columns(); ++c) {
      const int16_t number = block[c * rows + r] = value(first_row + r, c);
      squares += static_cast<uint64_t>(number * number);
    }
    const int scale = normalization_of((log2_q16(squares) - log2_q16(columns())) >> 13);
    for (size_t c = 0; c < columns(); ++c) block[c * rows + r] = normalized(block[c * rows + r], scale);
  }
}

std::vector<int> predicted_row_logs(const TensorModel& model, const StreamHistory& history) {
  const Int8Tensor* source = history.reference(model);
  if (source == nullptr || model.reference.transposed || model.scale_gain == 0) return {};
  if (!may_follow(source->natural, model.reference.group, model.view)) return {};
  const ReferenceRows rows(*source, model);
  int64_t sum = 0;
  for (const int log : source->row_logs) sum += log;
  const auto mean = static_cast<int>(sum / static_cast<int64_t>(source->row_logs.size()));
  std::vector<int> predicted(model.view.rows);
  for (size_t r = 0; r < predicted.size(); ++r) {
    predicted[r] = (model.scale_gain * (source->row_logs[rows.row_of(r)] - mean)) >> 8;
  }
  return predicted;
}

}  // namespace golf
