#include "encode/golf/plane_history.h"

namespace golf {

Moments PlaneHistory::starting_moments(const PlaneModel& model, size_t given) const {
  Moments moments = memories[static_cast<size_t>(model.memory)];
  if (moments.given != given || moments.columns != model.view.columns) return {};
  moments.forget(model.forgetting);
  return moments;
}

std::vector<int> row_hints(const PlaneModel& model, const PlaneHistory& history) {
  const PlaneSource* source = history.companion(model);
  if (source == nullptr || model.companion.transposed || model.hint_gain == 0) return {};
  if (!may_accompany(source->natural, model.companion.group, model.view)) return {};
  const CompanionRows rows(*source, model);
  int64_t sum = 0;
  for (const int log : source->row_logs) sum += log;
  const auto mean = static_cast<int>(sum / static_cast<int64_t>(source->row_logs.size()));
  std::vector<int> hints(model.view.rows);
  for (size_t r = 0; r < hints.size(); ++r) {
    hints[r] = (model.hint_gain * (source->row_logs[rows.row_of(r)] - mean)) >> 8;
  }
  return hints;
}

}  // namespace golf
