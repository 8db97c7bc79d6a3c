#pragma once

#include <cstdint>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/eval/processes.h"
#include "golf/score/dtype_choice.h"

namespace golf {

/// Scores the first sequences of `text` on the CPU in float32, in bf16 where the processor has instructions
/// for its products, and in int8. Takes about half a second for a model of 27 million parameters. Which type
/// is fastest can differ from run to run; `processes` agree on what the first one chose.
/// @param seq_len    of the evaluation; sequences are at most 512 tokens here
/// @param tolerance  bits per byte
DtypeChoice choose_dtype(const ModelConfig& config, const TensorSet& weights, const TextView& text,
                         int64_t seq_len, double tolerance, const EvalProcesses& processes = {});

}  // namespace golf
