#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/budget_view.h"
#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/fit_to_budget.h"
#include "golf/artifact/quantize/fit_to_gap.h"
#include "golf/artifact/quantize/prune_to_fit.h"

namespace golf {

/// What golf-pack did.
struct PackReport {
  std::string input;
  uint64_t input_bytes = 0;
  std::string input_sha256;
  std::map<std::string, uint64_t> original_bytes;  ///< by tensor, in its original dtype; dropped ones too

  std::string output;  ///< empty: a dry run
  std::string output_sha256;
  ArtifactInfo info;
  SizeMap sizes;
  BudgetReport budget;
  std::optional<FitReport> fit;        ///< with --fit
  std::optional<GapFit> gap_fit;       ///< with --fit --target-gap
  std::optional<double> expected_gap;  ///< bits per byte; nothing when the calibration cannot tell
  std::optional<PruneReport> prune;    ///< with --prune-to-fit
  std::string decoder;                 ///< Python file, one of the budget's code files; empty: none
  bool verified = false;
};

std::string pack_report_text(const PackReport& report, const Style& style);
/// Schema "golf.pack/1".
Json pack_report_json(const PackReport& report);

}  // namespace golf
