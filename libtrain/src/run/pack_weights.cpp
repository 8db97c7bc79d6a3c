#include "run/pack_weights.h"

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/run/log_lines.h"

namespace golf {

Artifact quantized_artifact(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                            const TensorSet& tensors, const std::string& source_sha256,
                            const QuantizeOptions& options) {
  const ArtifactFormat format = config.export_.format == "ptz" ? ArtifactFormat::kPtz : ArtifactFormat::kGolf;
  return {.info = {.format = format,
                   .spec = config.spec(),
                   .codec = inputs.codec,
                   .recipe = inputs.recipe.name,
                   .provenance = {{"tool", job.version}, {"source_sha256", source_sha256}},
                   .ptz_layout = inputs.recipe.ptz_layout},
          .model = quantize(tensors, inputs.recipe, options)};
}

void pack_weights(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                  const RunDirectory& directory, Decoder& model, RunLog& log, TrainReport& report) {
  const int threads = static_cast<int>(config.training.threads);
  Checkpoint checkpoint{.tensors = to_tensor_set(model), .spec = config.spec()};
  const Bytes weights = encode_checkpoint(checkpoint);
  write_file_atomic(directory.weights(), weights);

  Artifact artifact = quantized_artifact(config, job, inputs, checkpoint.tensors, sha256_hex(weights),
                                         {.threads = threads, .progress = job.progress});
  const Bytes packed = encode_artifact(artifact, threads, job.progress);
  report.artifact_path = directory.artifact(config.export_.format);
  write_file_atomic(report.artifact_path, packed);
  report.recipe = inputs.recipe.name;
  report.codec = to_string(inputs.codec);
  report.budget = {.artifact_bytes = packed.size(), .code = inputs.code};

  artifact.info.codec = {.id = CodecId::kStore, .level = 0};
  const log_lines::Sizes sizes{.checkpoint = weights.size(),
                               .code = report.budget.code_bytes(),
                               .artifact = packed.size(),
                               .payload = artifact.model.payload_bytes(),
                               .raw = encode_artifact(artifact, threads).size(),
                               .original = artifact.model.original_bytes()};
  for (const std::string& line :
       log_lines::sizes(sizes, log_lines::recipe_word(report.recipe), log_lines::codec_word(report.codec))) {
    log.line(line);
  }
  load_tensors(model, load_model(packed, report.artifact_path, config.spec(), threads).tensors);
}

}  // namespace golf
