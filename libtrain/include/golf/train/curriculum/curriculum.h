#pragma once

#include <cstdint>
#include <vector>

#include "golf/artifact/base/json_fields.h"
#include "golf/train/curriculum/curriculum_config.h"

namespace golf {

/// How far a run's curriculum has come: what a checkpoint needs of it.
struct CurriculumState {
  bool recurrence = true;    ///< whether depth recurrence is on
  int64_t seq_len = 0;       ///< of the step before; 0 before the first
  int64_t seq_len_step = 0;  ///< steps that were finished when the length changed last; 0: it never did

  bool operator==(const CurriculumState&) const = default;
};
void describe(JsonFields& fields, CurriculumState& state);

/// Says before each step whether depth recurrence is on and how long sequences are. Recurrence stays on once
/// it is. Source: docs/SUBMISSIONS.md, PR 1855 and PR 2014, Training.
class Curriculum {
 public:
  /// Before the first step recurrence is on only where it always is.
  Curriculum(const CurriculumConfig& config, int64_t seq_len);

  /// What begins with a step. The first step's length is no change.
  struct Change {
    bool recurrence = false, seq_len = false;
  };
  /// @param finished_steps  before the step. @param progress  of the run, in [0, 1]
  Change begin_step(int64_t finished_steps, double progress);

  /// What a step's rates are multiplied by: rising to 1 over curriculum.rewarm_steps from a change of length
  /// on.
  double rate_factor(int64_t finished_steps) const;

  const CurriculumState& state() const { return state_; }
  void set_state(const CurriculumState& state) { state_ = state; }

 private:
  double recurrence_start_;
  int64_t rewarm_steps_;
  std::vector<SeqLenStage> stages_;
  CurriculumState state_;
};

}  // namespace golf
