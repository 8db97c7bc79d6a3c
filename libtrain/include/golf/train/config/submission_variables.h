#pragma once

#include "golf/train/config/config_builder.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// Sets what the entries' own programs read from environment variables: NUM_LAYERS=8 is model.num_layers, for
/// every system that knows the name. A variable that is empty counts as not set. A value's origin becomes
/// "environment NAME".
///
/// Some names stand for more than one value, or depend on others: MLP_MULT and MODEL_DIM also set
/// model.mlp_hidden, TRAIN_SEQ_LEN also the evaluation's length unless EVAL_SEQ_LEN does; switches such as
/// SMEAR_GATE, QAT, EMA_ENABLED turn parts on and off.
/// Source: spec §7; 192/262 §3; 993 §2.
/// @throws Error kInvalidArgument naming the variable: no number; a setting of a part that this configuration
/// has not; a part of an entry that golf-train does not train
void apply_submission_variables(ConfigBuilder& builder, const VariableLookup& variable);

}  // namespace golf
