#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/python_decoder.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/artifact/quantize/fit.h"
#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// What the artifact must reach. The tunable steps are those of the schemes ecsq and tcq without a number.
/// Without a target they have their default size.
struct PackTarget {
  enum class Kind {
    kNone,
    kBudget,  ///< steps as fine as the budget allows
    kGap,     ///< steps as coarse as `gap_bpb` allows; needs a calibration with gradients and bytes
    kPrune,   ///< as few int6 values of ±1 become zero as the budget asks for, as PR 993 does
  } kind = Kind::kNone;
  double gap_bpb = 0.0;  ///< with kGap: the greatest predicted quantization gap, bits per byte

  bool tunes_steps() const { return kind == Kind::kBudget || kind == Kind::kGap; }
};

inline constexpr const char* kDefaultRecipe = "best";
inline constexpr const char* kDefaultPtzRecipe = "baseline-int8";  ///< with format kPtz
inline constexpr const char* kDefaultPgrpRecipe = "pr2135";        ///< with ptz_layout "pgrp_v2"

/// How a model becomes an artifact.
struct PackRequest {
  /// Without a recipe, overrides, a calibration and a fit, the stored values of an artifact stay as they are.
  /// Otherwise a missing recipe means the default one of the format: see recipe_of().
  std::optional<QuantRecipe> recipe = {};
  std::vector<SchemeOverride> overrides = {};
  std::optional<Calibration> calibration = {};
  std::optional<CodecSpec> codec = {};  ///< nothing: the recipe's, or that of an artifact which stays
  ArtifactFormat format = ArtifactFormat::kGolf;
  std::string ptz_layout = {};           ///< "pgrp_v2", …, with kPtz; empty: the recipe's
  std::optional<int> byte_shuffle = {};  ///< ArtifactInfo::ptz_byte_shuffle; nothing: as the input has it
  BudgetReport budget = {};  ///< limit, headroom and code; the bytes of the artifact are filled in
  PackTarget target = {};
  /// The name under which the Python decoder counts as code. Empty: no decoder is made.
  std::string emit_decoder = {};
  DecoderLanguage decoder_language = DecoderLanguage::kPython;
  bool verify = true;         ///< decode the bytes and compare before they are returned
  bool keep_weights = false;  ///< fill PackResult::weights while verifying
  std::map<std::string, std::string> provenance = {};  ///< ArtifactInfo::provenance
  int threads = 0;                                     ///< never change the result
  ProgressSink progress = {};
};

/// An artifact, and what it took to make it.
struct PackResult {
  Bytes bytes = {};
  Artifact artifact = {};  ///< what the bytes stand for
  SizeMap sizes = {};      ///< a label for each of the bytes
  BudgetReport budget = {};
  std::optional<FitReport> fit = {};      ///< with target kBudget
  std::optional<GapFit> gap_fit = {};     ///< with target kGap
  std::optional<PruneReport> prune = {};  ///< with target kPrune
  /// The predicted quantization gap; nothing when the calibration lacks gradients or bytes.
  std::optional<double> predicted_gap_bpb = {};
  std::string decoder = {};  ///< Python source, with `emit_decoder`
  bool verified = false;
  /// The weights that a reader of the bytes gets. Only with `verify` and `keep_weights`.
  std::optional<TensorSet> weights = {};
};

/// The recipe of the request, or the default one: kDefaultRecipe for .golf files and when the target tunes
/// steps, else one whose dictionary the format has.
QuantRecipe recipe_of(const PackRequest& request);

/// Adds to an object what there is of "fit", "gap_fit", "predicted_gap_bpb" and "prune", and "verified".
void add_packing(Json& json, const PackResult& result);

/// Whether the request asks for other values than an artifact already stores.
bool asks_for_schemes(const PackRequest& request);

/// What the artifact is going to say of itself.
ArtifactInfo packed_info(const LoadedModel& model, const PackRequest& request);

/// Quantizes, encodes and verifies. The result depends on the model and the request only.
/// @param model  as load_model() gives it, or made of tensors and, if known, a spec
/// @throws Error kInvalidArgument: the request is at fault (an override that matches nothing, schemes that
/// the format cannot hold, no tunable steps to fit, a dropped tensor that the spec needs); kRunFailed: the
/// bytes do not decode to what they stand for; others: the model is at fault
PackResult pack(const LoadedModel& model, const PackRequest& request);

}  // namespace golf
