#pragma once

#include <functional>
#include <string>

#include "common/run_main.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// Leaves `message` where torchrun looks for the reason of a rank's failure: in the file that
/// TORCHELASTIC_ERROR_FILE names, as JSON in torchelastic's form, whole or not at all. Without the variable
/// it does nothing; a file that cannot be written must not hide the failure itself, so that is passed over.
void write_error_file(const VariableLookup& variable, const std::string& message) noexcept;

/// Runs `body`; what it throws is written there and thrown on.
ExitCode with_error_file(const VariableLookup& variable, const std::function<ExitCode()>& body);

}  // namespace golf
