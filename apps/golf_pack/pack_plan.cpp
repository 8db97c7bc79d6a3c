#include "golf_pack/pack_plan.h"

#include <fmt/format.h>

#include <numbers>

#include "common/model_option.h"
#include "common/run_main.h"

namespace golf {
namespace {

ArtifactFormat parse_format(const std::string& text) {
  for (const ArtifactFormat format : {ArtifactFormat::kGolf, ArtifactFormat::kPtz}) {
    if (text == format_name(format)) return format;
  }
  throw UsageError(fmt::format("--format: expected golf or ptz, found {}", text));
}

/// A name that is neither a recipe nor a file is a slip of the command line; a file that is no recipe is bad
/// input.
QuantRecipe find_recipe(const std::string& name_or_path) {
  if (is_path(name_or_path)) return load_recipe(name_or_path);
  return parse_option("--recipe", [&] { return load_recipe(name_or_path); });
}

}  // namespace

PackPlan make_plan(const PackOptions& options) {
  PackPlan plan;
  plan.format = parse_format(options.format);
  plan.budget.limit_bytes = parse_option("--budget", [&] { return parse_byte_count(options.budget); });
  plan.budget.headroom_bytes = parse_option("--headroom", [&] { return parse_byte_count(options.headroom); });
  if (!options.codec.empty()) {
    plan.codec = parse_option("--codec", [&] { return parse_codec(options.codec); });
  }
  for (const std::string& text : options.overrides) {
    plan.overrides.push_back(parse_option("--set", [&] { return parse_override(text); }));
  }
  if (options.byte_shuffle.value_or(0) != 0 && plan.format != ArtifactFormat::kPtz) {
    throw UsageError("--byte-shuffle: only --format ptz has it");
  }
  if (options.fit && options.prune_to_fit) throw UsageError("--fit and --prune-to-fit exclude each other");
  if (options.target_gap && !options.fit) throw UsageError("--target-gap: belongs to --fit");
  if (options.fit || !options.recipe.empty()) {
    plan.recipe = find_recipe(options.recipe.empty() ? kDefaultFitRecipe : options.recipe);
  }
  plan.budget.code = measure_code(options.code);
  plan.spec = read_model_option(options.model_config);
  if (!options.calibration.empty()) plan.calibration = read_calibration(options.calibration);
  if (options.target_gap && !(plan.calibration && plan.calibration->bytes_per_token())) {
    throw UsageError(
        "--target-gap: needs --calibration FILE with gradients and bytes, as golf-eval "
        "calibrate writes it");
  }
  return plan;
}

QuantRecipe recipe_of(const PackPlan& plan, const PackOptions& options) {
  QuantRecipe recipe = plan.recipe ? *plan.recipe : load_recipe(kDefaultRecipe);
  if (options.keep_float_max) recipe.keep_float_max = *options.keep_float_max;
  return recipe;
}

std::optional<double> expected_gap(const Quantizer& quantizer, const StoredModel& model,
                                   const PackPlan& plan) {
  const auto bytes_per_token = plan.calibration ? plan.calibration->bytes_per_token() : std::nullopt;
  const auto nats = bytes_per_token ? quantizer.loss_increase(model) : std::nullopt;
  if (!nats) return std::nullopt;
  return *nats / std::numbers::ln2 / *bytes_per_token;
}

Artifact empty_artifact(const LoadedModel& model, const PackPlan& plan, const QuantRecipe& recipe) {
  Artifact artifact;
  artifact.info.format = plan.format;
  artifact.info.spec = model.spec;
  artifact.info.recipe = recipe.name;
  artifact.info.ptz_layout = recipe.ptz_layout;
  artifact.info.codec = plan.codec ? *plan.codec : parse_codec(recipe.codec);
  return artifact;
}

Bytes encode_checked(const Artifact& artifact, const CommonOptions& common, const ProgressSink& progress) {
  try {
    return encode_artifact(artifact, common.threads, progress);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    throw UsageError(error.what());  // the chosen format cannot hold the chosen schemes
  }
}

}  // namespace golf
