#include "golf/train/trainer/train.h"

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/version.h>

#include <ctime>
#include <filesystem>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "golf/model/parameter_init.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/window_plan.h"
#include "golf/train/trainer/log_lines.h"
#include "golf/train/trainer/run_directory.h"
#include "golf/train/trainer/run_log.h"
#include "golf/train/trainer/trainer.h"
#include "trainer/run_inputs.h"
#include "trainer/run_records.h"
#include "trainer/training_run.h"

namespace golf {
namespace {

/// Upstream allows the flash kernel alone. That one knows no float32 on CUDA.
void choose_attention_kernels(const Runtime& runtime) {
  const bool flash = runtime.device.is_cpu() || runtime.dtype != torch::kFloat;
  at::Context& context = at::globalContext();
  context.setSDPUseFlash(flash);
  context.setSDPUseCuDNN(false);
  context.setSDPUseMemEfficient(!flash);
  context.setSDPUseMath(!flash);
}

log_lines::RunFacts run_facts(const TrainJob& job, const RunInputs& inputs, const BatchLoader& loader,
                              int64_t parameters) {
  const at::Context& context = at::globalContext();
  return {.tokenizer_path = job.tokenizer,
          .dataset_name =
              std::filesystem::path(std::filesystem::absolute(job.data_dir) / "").parent_path().filename(),
          .train_shards = loader.stream().shard_count(),
          .val_pattern = inputs.val_pattern,
          .val_tokens = trimmed_targets(static_cast<int64_t>(inputs.val_tokens.size()), inputs.eval.seq_len),
          .parameters = parameters,
          .grad_accum_steps = loader.accumulation_steps(),
          .cudnn = context.userEnabledCuDNNSDP(),
          .flash = context.userEnabledFlashSDP(),
          .mem_efficient = context.userEnabledMemEfficientSDP(),
          .math = context.userEnabledMathSDP()};
}

MatrixInit matrix_init(MatrixStart start) {
  switch (start) {
    case MatrixStart::kUpstream:
      break;
    case MatrixStart::kOrthogonal:
      return MatrixInit::kOrthogonal;
    case MatrixStart::kOrthogonalBanks:
      return MatrixInit::kOrthogonalBanks;
  }
  return MatrixInit::kUpstream;
}

Decoder make_model(const TrainConfig& config, const TrainJob& job, const Runtime& runtime) {
  Decoder model(config.model);
  if (job.init.empty()) {
    const InitConfig init{.qk_gain_init = config.training.qk_gain_init,
                          .tied_embed_init_std = config.training.tied_embed_init_std,
                          .matrices = matrix_init(config.training.matrix_init),
                          .mtp_heads = config.mtp.heads,
                          .markov_mix_init = config.training.markov_mix_init,
                          .markov_pairs_init = config.training.markov_pairs_init};
    init_parameters(model, init, config.training.seed);
  } else {
    const LoadedModel start = load_model(job.init, config.spec());
    try {
      check_finite(start.tensors);
    } catch (const Error& error) {
      fail_within(job.init, error);
    }
    load_tensors(model, start.tensors);
  }
  model->to(runtime.device);
  model->set_compute_dtype(runtime.dtype);
  return model;
}

std::string peak_memory_line(torch::Device device) {
  if (device.is_cpu()) {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const uint64_t resident_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
    return log_lines::peak_memory(resident_bytes, resident_bytes);
  }
  constexpr size_t kAggregate = 0;  // the first statistic covers all pools
  const auto stats = c10::getDeviceAllocator(device.type())->getDeviceStats(device.index());
  return log_lines::peak_memory(static_cast<uint64_t>(stats.allocated_bytes[kAggregate].peak),
                                static_cast<uint64_t>(stats.reserved_bytes[kAggregate].peak));
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

/// Writes the final weights and their artifact; then loads the artifact into the model and evaluates that.
void pack_and_evaluate(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
                       const RunDirectory& directory, Decoder& model, RunLog& log, TrainReport& report) {
  const ArtifactFormat format = config.export_.format == "ptz" ? ArtifactFormat::kPtz : ArtifactFormat::kGolf;
  const int threads = static_cast<int>(config.training.threads);
  Checkpoint checkpoint{.tensors = to_tensor_set(model), .spec = config.spec()};
  const Bytes weights = encode_checkpoint(checkpoint);
  write_file_atomic(directory.weights(), weights);

  Artifact artifact{.info = {.format = format,
                             .spec = config.spec(),
                             .codec = inputs.codec,
                             .recipe = inputs.recipe.name,
                             .provenance = {{"tool", job.version}, {"source_sha256", sha256_hex(weights)}},
                             .ptz_layout = inputs.recipe.ptz_layout},
                    .model = quantize(checkpoint.tensors, inputs.recipe,
                                      {.overrides = {}, .threads = threads, .progress = job.progress})};
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
  const std::string recipe_word = log_lines::recipe_word(report.recipe);
  const std::string codec_word = log_lines::codec_word(report.codec);
  for (const std::string& line : log_lines::sizes(sizes, recipe_word, codec_word)) log.line(line);

  load_tensors(model, load_model(packed, report.artifact_path, config.spec(), threads).tensors);
  report.after = evaluate(model, inputs.val_tokens, inputs.token_bytes, inputs.eval, job.progress);
  require_finite(report.after);
  for (const std::string& line : log_lines::roundtrip(recipe_word, codec_word, report.after.val_loss,
                                                      report.after.val_bpb, 1000 * report.after.seconds)) {
    log.line(line);
  }
}

void write_json(const std::string& path, const Json& json) {
  write_file_atomic(path, as_bytes(json.dump(2) + "\n"));
}

}  // namespace

TrainReport train(const TrainConfig& config, const TrainJob& job) {
  validate(config);
  const Runtime runtime = choose_runtime(config.training.device, config.training.dtype);
  set_compute_threads(static_cast<int>(config.training.threads));
  choose_attention_kernels(runtime);
  const RunInputs inputs = read_run_inputs(config, job);
  BatchLoader loader(ShardStream(inputs.train_pattern, config.model.vocab_size), config.data.batch_tokens,
                     config.data.micro_steps, config.data.seq_len);
  Decoder model = make_model(config, job, runtime);

  const RunDirectory directory(job.run_dir, job.overwrite);
  write_json(directory.config(), to_json(config));
  RunLog log(directory.log(), directory.metrics(), job.on_log);
  const RunEnvironment environment{.version = job.version,
                                   .libtorch_version = TORCH_VERSION,
                                   .device = runtime.device_text(),
                                   .dtype = std::string(runtime.dtype_text()),
                                   .threads = compute_threads(),
                                   .parameters = parameter_count(config.model)};
  log.metrics(run_record(config, environment));
  const log_lines::RunFacts facts = run_facts(job, inputs, loader, environment.parameters);
  for (const std::string& line : log_lines::header(config, facts)) log.line(line);

  Trainer trainer(config, model, std::move(loader));
  const int64_t warmup_steps = config.schedule.warmup_steps;
  trainer.warm_up(warmup_steps, [&](int64_t k) {
    if (log_lines::logs_warmup_step(k, warmup_steps)) log.line(log_lines::warmup_step(k, warmup_steps));
  });
  TrainReport report;
  TrainingRun run(config, job, inputs, trainer, log);
  run.run(report);
  log.line(peak_memory_line(runtime.device));
  run.load_final_weights(report);

  pack_and_evaluate(config, job, inputs, directory, model, log, report);
  write_json(directory.evaluation(), evaluation_record(config, report, environment));
  write_json(directory.submission(), submission_record(config, report, environment, today()));
  return report;
}

}  // namespace golf
