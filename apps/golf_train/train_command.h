#pragma once

#include "common/exit_code.h"

namespace golf {

/// golf-train. @throws UsageError, Error
ExitCode train_command(int argc, const char* const* argv);

}  // namespace golf
