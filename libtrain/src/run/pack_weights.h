#pragma once

#include "golf/artifact/container/artifact.h"
#include "golf/model/decoder.h"
#include "golf/train/run/run_directory.h"
#include "golf/train/run/run_log.h"
#include "golf/train/run/train.h"
#include "run/run_inputs.h"

namespace golf {

/// The weights as the run packs them. @param source_sha256  of the checkpoint that holds them
Artifact quantized_artifact(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                            const TensorSet& tensors, const std::string& source_sha256,
                            const QuantizeOptions& options);

/// Writes the model's weights and their artifact, logs its sizes and enters them into the report; then the
/// model holds what the artifact gives back.
void pack_weights(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                  const RunDirectory& directory, Decoder& model, RunLog& log, TrainReport& report);

}  // namespace golf
