#pragma once

#include "common/run_main.h"

namespace golf {

/// golf-train. @throws UsageError, Error
ExitCode train_command(int argc, const char* const* argv);

}  // namespace golf
