#pragma once

#include "common/exit_code.h"

namespace golf {

/// golf-eval MODEL --data … --tokenizer …: scores a model on a stream of tokens.
ExitCode eval_command(int argc, const char* const* argv);

}  // namespace golf
