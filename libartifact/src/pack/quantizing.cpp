#include "pack/quantizing.h"

#include <numbers>

#include "golf/artifact/base/error.h"

namespace golf {

QuantRecipe recipe_of(const PackRequest& request) {
  if (request.recipe) return *request.recipe;
  if (request.format == ArtifactFormat::kGolf || request.target.tunes_steps()) {
    return load_recipe(kDefaultRecipe);
  }
  return load_recipe(request.ptz_layout.empty() ? kDefaultPtzRecipe : kDefaultPgrpRecipe);
}

std::map<std::string, std::string> provenance_of(const LoadedModel& model, const PackRequest& request) {
  std::map<std::string, std::string> provenance = request.provenance;
  if (!model.tied_head.empty()) provenance[kTiedHeadKey] = model.tied_head;
  return provenance;
}

namespace {

/// The stride of BSHF under the codec: the programs that write the dictionary gptq shuffle it.
int byte_shuffle_of(const QuantRecipe& recipe, const PackRequest& request) {
  const bool gptq = recipe.ptz_layout == "gptq" || request.ptz_layout == "gptq";
  return request.byte_shuffle.value_or(gptq ? 2 : 0);
}

}  // namespace

ArtifactInfo quantized_info(const LoadedModel& model, const QuantRecipe& recipe, const PackRequest& request) {
  return {.format = request.format,
          .spec = model.spec,
          .codec = request.codec ? *request.codec : parse_codec(recipe.codec),
          .recipe = recipe.name,
          .provenance = provenance_of(model, request),
          .ptz_layout = request.ptz_layout.empty() ? recipe.ptz_layout : request.ptz_layout,
          .banks = model.banks,
          .ptz_byte_shuffle = byte_shuffle_of(recipe, request),
          .python_readable = !request.emit_decoder.empty()};
}

Quantizer make_quantizer(const LoadedModel& model, const QuantRecipe& recipe, const PackRequest& request,
                         const ProgressSink& progress) {
  return {model.tensors,
          recipe,
          {.overrides = request.overrides,
           .calibration = request.calibration ? &*request.calibration : nullptr,
           .threads = request.threads,
           .progress = progress}};
}

std::optional<double> predicted_gap_bpb(const Quantizer& quantizer, const StoredModel& model,
                                        const PackRequest& request) {
  const auto bytes_per_token = request.calibration ? request.calibration->bytes_per_token() : std::nullopt;
  const auto nats = bytes_per_token ? quantizer.predicted_gap(model) : std::nullopt;
  if (!nats) return std::nullopt;
  return *nats / std::numbers::ln2 / *bytes_per_token;
}

Bytes encode_requested(const Artifact& artifact, const PackRequest& request, const ProgressSink& progress) {
  try {
    return encode_artifact(artifact, request.threads, progress);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    fail(ErrorCode::kInvalidArgument, error.what());
  }
}

}  // namespace golf
