#pragma once

#include <string>

#include "common/exit_code.h"

namespace golf {

/// golf-eval audit LOSSES --data … --tokenizer …: the score of losses that any program wrote. No LibTorch.
/// @param libtorch_version  what --version says of this build
ExitCode audit_command(int argc, const char* const* argv, const std::string& libtorch_version);

}  // namespace golf
