#pragma once

#include <string>
#include <vector>

#include "adapt/phase_plan.h"
#include "golf/adapt/learner.h"

namespace golf {

/// What a phase is run with.
struct PhaseInputs {
  int64_t seq_len = 0;
  int32_t document_start = kNoToken;
  EvalProcesses processes = {};
  int threads = 1;
};

/// Gradient descent with momentum on all weights of the model, in `steps` over `text`; the momentum begins at
/// 0. A step's rows are one sequence in which attention stays inside documents, and inside rows of seq_len.
///
/// The sequence is computed in parts that end where a document or row does, each by one thread, and
/// gradients are added up in float64: the result does not depend on the number of threads.
/// @throws Error kRunFailed naming the step whose loss or gradient is not finite
std::vector<AdaptStep> run_phase(Decoder& model, const PhaseText& text, const std::vector<PhaseStep>& steps,
                                 const PhaseAdaptConfig& config, const PhaseInputs& inputs);

}  // namespace golf
