#include "run/export.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/eval/calibration.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/data/shuffled_loader.h"
#include "golf/train/run/log_lines.h"

namespace golf {
namespace {

/// The weights packed as the run exports them. @param source_sha256  of the checkpoint that holds them
PackResult packed(const RunInputs& inputs, TensorSet tensors, const std::string& source_sha256,
                  PackRequest request) {
  request.provenance = {{"tool", inputs.job.packer.empty() ? inputs.job.version : inputs.job.packer},
                        {"source_sha256", source_sha256},
                        {kTokenizerKey, inputs.tokenizer.sha256}};
  return pack({.tensors = std::move(tensors), .spec = inputs.config.spec()}, request);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Statistics of the model over the first rows of the shuffled order, whatever order the run trained in, as
/// PRs 1493 and 1855 collect them: rank 0's rows, documents ignored, depth recurrence as training left it.
TensorSet calibrated_at_end(const RunInputs& inputs, Decoder& model) {
  const DataConfig& data = inputs.config.data;
  const int64_t world = inputs.job.launch.ranks.world;
  const int64_t batches = inputs.config.export_.calibration_batches;
  const bool share = world <= static_cast<int64_t>(inputs.train_shards.size());
  ShuffledLoader loader(inputs.train_shards, inputs.config.model.vocab_size,
                        std::max<int64_t>(1, data.micro_batch_tokens() / data.seq_len), data.grad_accum_steps,
                        data.seq_len, {.rank = 0, .world = share ? world : 1});
  std::vector<uint16_t> rows;
  for (int64_t i = 0; i < batches; ++i) {
    const TokenBatch batch = loader.next();
    for (int64_t row = 0; row < batch.rows(); ++row) {
      rows.insert(rows.end(), batch.inputs(row).begin(), batch.inputs(row).end());
    }
  }
  return calibrates_inputs(inputs) ? collect_hessians(model, rows, data.seq_len, batches, inputs.job.progress)
                                   : collect_calibration(model, rows, data.seq_len, inputs.job.progress);
}

/// Calibrates, keeps the statistics as a file, and says in the report and the lines how long that took.
Calibration calibrated(const RunInputs& inputs, const std::string& path, Decoder& model, TrainReport& report,
                       std::vector<std::string>& lines) {
  const auto start = std::chrono::steady_clock::now();
  TensorSet statistics = calibrated_at_end(inputs, model);
  report.calibration_seconds = seconds_since(start);
  lines.push_back(
      log_lines::calibrated(calibrates_inputs(inputs), statistics.size(), report.calibration_seconds));
  const ScheduleConfig& schedule = inputs.config.schedule;
  if (schedule.cap_ms() > 0) {
    lines.push_back(log_lines::reserve_used(report.train_seconds, report.calibration_seconds,
                                            schedule.max_wallclock_seconds));
  }
  write_file_atomic(path, encode_safetensors(statistics));
  return {std::move(statistics), "calibration at the run's end"};
}

/// The run's checkpoint of its final weights: it names the configuration and the tokenizer.
Checkpoint checkpoint_of(const RunInputs& inputs, TensorSet tensors) {
  tensors.metadata[kTokenizerKey] = inputs.tokenizer.sha256;
  return {.tensors = std::move(tensors), .spec = inputs.config.spec()};
}

/// Bytes of the container with the codec `store`.
uint64_t uncompressed_bytes(Artifact artifact, int threads) {
  artifact.info.codec = {.id = CodecId::kStore, .level = 0};
  return encode_artifact(artifact, threads).size();
}

}  // namespace

std::vector<std::string> export_weights(const RunInputs& inputs, const ExportPaths& paths, Decoder& model,
                                        TrainReport& report) {
  const ModelSpec spec = inputs.config.spec();
  const int threads = inputs.pack.threads;
  Checkpoint checkpoint = checkpoint_of(inputs, to_tensor_set(model));
  const Bytes weights = encode_checkpoint(checkpoint);
  write_file_atomic(paths.weights, weights);

  PackRequest request = inputs.pack;
  request.progress = inputs.job.progress;
  std::vector<std::string> lines;
  if (inputs.config.export_.calibration_batches > 0) {
    request.calibration = calibrated(inputs, paths.calibration, model, report, lines);
  }
  const auto start = std::chrono::steady_clock::now();
  const PackResult result =
      packed(inputs, std::move(checkpoint.tensors), sha256_hex(weights), std::move(request));
  report.packing_seconds = seconds_since(start);
  write_file_atomic(paths.artifact, result.bytes);
  report.artifact_path = paths.artifact;
  report.recipe = result.artifact.info.recipe;
  report.codec = to_string(result.artifact.info.codec);
  report.budget = result.budget;
  add_packing(report.packing, result);
  load_tensors(model, load_model(result.bytes, paths.artifact, spec, threads).tensors);

  const log_lines::Sizes sizes{.checkpoint = weights.size(),
                               .code = report.budget.code_bytes(),
                               .artifact = result.bytes.size(),
                               .payload = result.artifact.model.payload_bytes(),
                               .raw = uncompressed_bytes(result.artifact, threads),
                               .original = result.artifact.model.original_bytes()};
  for (std::string& line :
       log_lines::sizes(sizes, log_lines::recipe_word(report.recipe), log_lines::codec_word(report.codec))) {
    lines.push_back(std::move(line));
  }
  return lines;
}

Json to_json(const ProjectedSize& size) {
  return Json::object({{"kind", "size"},
                       {"step", size.step},
                       {"artifact_bytes", size.budget.artifact_bytes},
                       {"total_bytes", size.budget.total_bytes()},
                       {"limit_bytes", size.budget.limit_bytes}});
}

void SizeProjection::start(int64_t step, const Decoder& model) {
  if (running_.valid()) return;
  running_ = std::async(std::launch::async, [this, step, tensors = to_tensor_set(model)] {
    const std::string digest =  // the header of the artifact holds it, so its bytes count
        sha256_hex(encode_checkpoint(checkpoint_of(inputs_, tensors)));
    PackRequest request = inputs_.pack;
    request.verify = false;
    request.threads = 1;
    return ProjectedSize{.step = step, .budget = packed(inputs_, tensors, digest, std::move(request)).budget};
  });
}

std::optional<ProjectedSize> SizeProjection::take() {
  const bool ended =
      running_.valid() && running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  return ended ? wait() : std::nullopt;
}

std::optional<ProjectedSize> SizeProjection::wait() {
  return running_.valid() ? std::optional(running_.get()) : std::nullopt;
}

}  // namespace golf
