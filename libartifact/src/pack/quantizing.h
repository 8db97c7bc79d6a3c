#pragma once

#include <optional>

#include "golf/artifact/pack/pack.h"
#include "golf/artifact/quantize/quantizer.h"

namespace golf {

/// What the request says of the artifact's origin, and the model's tied head.
std::map<std::string, std::string> provenance_of(const LoadedModel& model, const PackRequest& request);

/// What an artifact says of itself when the recipe quantizes the model.
ArtifactInfo quantized_info(const LoadedModel& model, const QuantRecipe& recipe, const PackRequest& request);

/// What the recipe and the request's overrides make of the model's tensors. Borrows model and request.
Quantizer make_quantizer(const LoadedModel& model, const QuantRecipe& recipe, const PackRequest& request,
                         const ProgressSink& progress);

/// The predicted quantization gap of a quantized model in bits per byte; nothing when the calibration lacks
/// gradients or bytes.
std::optional<double> predicted_gap_bpb(const Quantizer& quantizer, const StoredModel& model,
                                        const PackRequest& request);

/// encode_artifact(). @throws Error kInvalidArgument when the format cannot hold the schemes
Bytes encode_requested(const Artifact& artifact, const PackRequest& request, const ProgressSink& progress);

}  // namespace golf
