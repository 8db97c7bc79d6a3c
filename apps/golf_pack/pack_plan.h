#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "common/command_line.h"
#include "common/run_main.h"
#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/artifact/quantize/quantizer.h"
#include "golf_pack/pack_command.h"

namespace golf {

/// The options with their values understood.
struct PackPlan {
  std::optional<QuantRecipe> recipe;  ///< nothing: an artifact keeps what it stores
  std::vector<SchemeOverride> overrides;
  std::optional<CodecSpec> codec;
  ArtifactFormat format = ArtifactFormat::kGolf;
  BudgetReport budget;
  std::optional<ModelSpec> spec;
  std::optional<Calibration> calibration;

  /// What the artifact may take.
  uint64_t artifact_limit() const {
    return budget.limit_bytes - std::min(budget.code_bytes(), budget.limit_bytes);
  }
};
/// @throws UsageError for options that make no sense, Error for files that cannot be read
PackPlan make_plan(const PackOptions& options);

/// The recipe that quantises, with the options' limit.
QuantRecipe recipe_of(const PackPlan& plan, const PackOptions& options);

/// By how many bits per byte the model is expected to be worse than its checkpoint; nothing when the
/// calibration cannot tell.
std::optional<double> expected_gap(const Quantizer& quantizer, const StoredModel& model,
                                   const PackPlan& plan);

/// An artifact for a model, still without its tensors.
Artifact empty_artifact(const LoadedModel& model, const PackPlan& plan, const QuantRecipe& recipe);

/// Runs a piece of quantising the checkpoint `what`. A rule that matches nothing or an unknown scheme is the
/// command line's fault, not the checkpoint's. @throws UsageError; Error "what: …"
template <class Work>
auto quantizing(const std::string& what, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw UsageError(error.what());
    fail_within(what, error);
  }
}

/// encode_artifact(); a format that cannot hold the schemes is the command line's fault.
Bytes encode_checked(const Artifact& artifact, const CommonOptions& common, const ProgressSink& progress);

}  // namespace golf
