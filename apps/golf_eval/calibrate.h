#pragma once

#include "common/console.h"
#include "common/exit_code.h"
#include "golf/eval/runtime.h"
#include "golf_eval/eval_model.h"
#include "golf_eval/eval_options.h"

namespace golf {

/// golf-eval --collect-calibration: writes the file and reports it. @throws UsageError for validation shards
/// that were not asked for
ExitCode collect_calibration(const EvalOptions& options, const EvalModel& model, const Runtime& runtime,
                             Console& console);

}  // namespace golf
