#pragma once

#include <string>

#include "common/console.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/container/artifact.h"
#include "golf_pack/pack_command.h"

namespace golf {

/// Refuses a FILE.py that cannot be written beside the artifact. @throws UsageError
void check_decoder_path(const PackOptions& options);
/// The Python that reads the artifact. @throws UsageError when none can
std::string decoder_source(const Artifact& artifact);
/// The same; counts it as code, and warns where NumPy will be slow.
std::string make_decoder(const std::string& path, const Artifact& artifact, BudgetReport& budget,
                         Console& console);

}  // namespace golf
