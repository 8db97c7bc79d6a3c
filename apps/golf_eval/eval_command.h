#pragma once

#include <string>

#include "common/exit_code.h"

namespace golf {

// Two sources define these: eval_command.cpp where LibTorch is there, eval_without_torch.cpp where it is not
// (docs/adr/0006-golf-eval-without-libtorch.md).

/// golf-eval MODEL --data … --tokenizer …: scores a model on a stream of tokens.
ExitCode eval_command(int argc, const char* const* argv);
/// "2.15.0", or "none".
std::string libtorch_version();

}  // namespace golf
