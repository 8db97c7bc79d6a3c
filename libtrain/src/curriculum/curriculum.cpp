#include "golf/train/curriculum/curriculum.h"

#include <algorithm>

namespace golf {

void describe(JsonFields& fields, CurriculumState& state) {
  fields.field("recurrence", state.recurrence);
  fields.field("seq_len", state.seq_len);
  fields.field("seq_len_step", state.seq_len_step);
}

Curriculum::Curriculum(const CurriculumConfig& config, int64_t seq_len)
    : recurrence_start_(config.recurrence_start),
      rewarm_steps_(config.rewarm_steps),
      stages_(seq_len_stages(config, seq_len)) {
  state_.recurrence = recurrence_start_ <= 0;
}

Curriculum::Change Curriculum::begin_step(int64_t finished_steps, double progress) {
  Change change;
  if (!state_.recurrence && progress >= recurrence_start_) state_.recurrence = change.recurrence = true;
  const auto stage =
      std::ranges::find_if(stages_, [&](const SeqLenStage& one) { return one.until >= progress; });
  const int64_t seq_len = (stage == stages_.end() ? stages_.back() : *stage).seq_len;
  if (seq_len != state_.seq_len && state_.seq_len != 0) {
    change.seq_len = true;
    state_.seq_len_step = finished_steps;
  }
  state_.seq_len = seq_len;
  return change;
}

double Curriculum::rate_factor(int64_t finished_steps) const {
  if (state_.seq_len_step == 0 || rewarm_steps_ == 0) return 1;
  const int64_t risen = finished_steps - state_.seq_len_step + 1;
  return std::min(static_cast<double>(risen) / static_cast<double>(rewarm_steps_), 1.0);
}

}  // namespace golf
