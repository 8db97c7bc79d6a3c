#include "golf/train/run/train.h"

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/version.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/runtime.h"
#include "golf/model/gpu_kernels.h"
#include "golf/model/parameter_init.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/window_plan.h"
#include "golf/train/device/device.h"
#include "golf/train/parallel/communicator.h"
#include "golf/train/trainer/trainer.h"
#include "run/checkpoints.h"
#include "run/run_inputs.h"
#include "run/run_output.h"
#include "run/run_records.h"
#include "run/training_loop.h"

namespace golf {
namespace {

/// Upstream allows the flash kernel alone. That kernel has no float32 version on CUDA.
void choose_attention_kernels(const Runtime& runtime) {
  const bool flash = runtime.device.is_cpu() || runtime.dtype != torch::kFloat;
  at::Context& context = at::globalContext();
  context.setSDPUseFlash(flash);
  context.setSDPUseCuDNN(false);
  context.setSDPUseMemEfficient(!flash);
  context.setSDPUseMath(!flash);
}

RunEnvironment environment_of(const RunInputs& inputs, const Runtime& runtime) {
  return {.version = inputs.job.version,
          .libtorch_version = TORCH_VERSION,
          .device = runtime.device_text(),
          .device_name = device_name(runtime.device),
          .dtype = std::string(runtime.dtype_text()),
          .threads = compute_threads(),
          .parameters = parameter_count(inputs.config.model),
          .world_size = inputs.job.launch.ranks.world};
}

log_lines::RunFacts facts_of(const RunInputs& inputs, int64_t accumulation_steps) {
  const at::Context& context = at::globalContext();
  const TrainJob& job = inputs.job;
  return {.tokenizer_path = job.tokenizer,
          .dataset_name =
              std::filesystem::path(std::filesystem::absolute(job.data_dir) / "").parent_path().filename(),
          .train_shards = inputs.train_shards.size(),
          .val_pattern = inputs.val_pattern,
          .val_tokens = trimmed_targets(inputs.validation.view().size(), inputs.eval.seq_len),
          .parameters = parameter_count(inputs.config.model),
          .world_size = job.launch.ranks.world,
          .grad_accum_steps = accumulation_steps,
          .cudnn = context.userEnabledCuDNNSDP(),
          .flash = context.userEnabledFlashSDP(),
          .mem_efficient = context.userEnabledMemEfficientSDP(),
          .math = context.userEnabledMathSDP()};
}

/// The model with the weights of the job's checkpoint, or with weights drawn from the seed when the job names
/// none or the run resumes and overwrites them.
Decoder make_model(const RunInputs& inputs, bool resumes, const Runtime& runtime) {
  const TrainConfig& config = inputs.config;
  const std::string init = resumes ? "" : inputs.job.init;
  Decoder model(config.model);
  if (init.empty()) {
    const TrainingConfig& training = config.training;
    const InitConfig start{.tied_embed_init_std = training.tied_embed_init_std,
                           .matrices = training.matrix_init,
                           .mtp_heads = config.mtp.heads,
                           .settings = {{"qk_gain_init", training.qk_gain_init},
                                        {"markov_mix_init", training.markov_mix_init},
                                        {"markov_pairs_init", training.markov_pairs_init},
                                        {"logit_softcap", config.model.logit_softcap}}};
    init_parameters(model, start, config.training.seed);
  } else {
    const LoadedModel start = load_model(init, config.spec());
    try {
      check_finite(start.tensors);
    } catch (const Error& error) {
      fail_within(init, error);
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

/// The device of this rank: with several ranks on one machine, each takes the GPU of its local number.
Runtime rank_runtime(const TrainConfig& config, const LaunchEnvironment& launch) {
  const std::string& device = config.training.device;
  Runtime runtime = choose_runtime(device, config.training.dtype);
  if (launch.ranks.world > 1 && runtime.device.is_cuda() && (device == "auto" || device == "cuda")) {
    runtime = choose_runtime(fmt::format("cuda:{}", launch.local_rank), config.training.dtype);
  }
  return runtime;
}

/// The threads a rank computes with: as configured, or its share of the processors.
int rank_threads(const TrainConfig& config, const LaunchEnvironment& launch) {
  if (config.training.threads > 0 || launch.ranks.world == 1)
    return static_cast<int>(config.training.threads);
  const auto processors = static_cast<int64_t>(std::thread::hardware_concurrency());
  return static_cast<int>(std::max<int64_t>(1, processors / launch.local_world));
}

/// Refuses ranks that would train different models or data.
void require_same_run(const Communicator& ranks, const RunInputs& inputs,
                      const std::optional<ResumePoint>& from) {
  if (ranks.alone()) return;
  const auto digest = [](const std::string& text) { return sha256_hex(as_bytes(text)).substr(0, 16); };
  ranks.require_same("program version", inputs.job.version);
  ranks.require_same("configuration", digest(to_json(inputs.config).dump()));
  ranks.require_same("shard names and sizes",
                     digest(shards_digest(inputs.train_shards) + shards_digest(inputs.val_shards)));
  ranks.require_same("tokenizer", sha256_hex(read_file(inputs.job.tokenizer)).substr(0, 16));
  ranks.require_same("checkpoint", from ? from->digest : "none");
}

/// What all checkpoints of the run have in common.
TrainingCheckpoint identity_of(const RunInputs& inputs, const Runtime& runtime) {
  return {.version = inputs.job.version,
          .config = inputs.config,
          .dtype = std::string(runtime.dtype_text()),
          .shards = shards_digest(inputs.train_shards)};
}

void set_up_process(const TrainConfig& config, const LaunchEnvironment& launch, const Runtime& runtime) {
  use_device(runtime.device);
  prepare_processor(rank_threads(config, launch));
  choose_attention_kernels(runtime);
  use_gpu_kernels(config.training.gpu_kernels);
}

/// Which code computes between the matrix products; empty on a CPU.
std::string kernels_line(const Runtime& runtime) {
  if (!runtime.device.is_cuda()) return {};
  const std::optional<std::string> missing = gpu_kernels_missing();
  return missing ? fmt::format("gpu_kernels: LibTorch's operations run in their place: {}", *missing)
                 : "gpu_kernels: fused";
}

TrainReport train_among(const Communicator& ranks, const TrainConfig& config, const TrainJob& job,
                        const Runtime& runtime) {
  set_up_process(config, job.launch, runtime);
  const RunInputs inputs = read_run_inputs(config, job);
  const TrainingCheckpoint identity = identity_of(inputs, runtime);
  std::optional<ResumePoint> from = read_resume_point(inputs, identity);
  require_same_run(ranks, inputs, from);

  std::unique_ptr<BatchLoader> loader =
      make_batch_loader(config.data, inputs.train_shards, config.model.vocab_size, ranks.ranks());
  const RunEnvironment environment = environment_of(inputs, runtime);
  const log_lines::RunFacts facts = facts_of(inputs, loader->accumulation_steps());
  Decoder model = make_model(inputs, from.has_value(), runtime);
  check_calibration(inputs, to_tensor_set(model));
  Trainer trainer(config, model, std::move(loader), ranks);
  if (from) trainer.restore(take_trainer_state(from->checkpoint));

  RunOutput output(inputs, identity, ranks.first(), from, trainer.finished_steps());
  output.begin(environment, facts);
  if (const std::string line = kernels_line(runtime); !line.empty()) output.line(line);
  TrainingLoop loop(inputs, ranks, trainer, output, from ? from->checkpoint.train_ms : 0);
  loop.warm_up();
  TrainReport report;
  loop.train(report);
  if (report.stop != 0) return report;
  output.line(peak_memory_line(runtime.device));
  loop.load_final_weights(report);
  if (loop.stopped(report)) return report;
  output.pack(trainer.model(), report);
  if (loop.stopped(report)) return report;
  loop.evaluate_packed(report);
  if (loop.stopped(report)) return report;
  loop.evaluate_adapted_weights(report);
  output.finish(report, environment);
  return report;
}

}  // namespace

TrainReport train(const TrainConfig& config, const TrainJob& job) {
  validate(config);
  const Runtime runtime = rank_runtime(config, job.launch);
  if (config.training.cuda_graphs) require_step_graphs(runtime.device);
  use_flash_attention(job.flash_attention, runtime);
  const Communicator ranks(
      job.launch,
      {.device = runtime.device,
       .rank_timeout = std::chrono::milliseconds(static_cast<int64_t>(1000 * job.rank_timeout_seconds)),
       .on_lost = job.on_lost_rank});
  try {
    TrainReport report = train_among(ranks, config, job, runtime);
    ranks.finish();
    return report;
  } catch (const std::exception& error) {
    ranks.report_failure(error.what());
    throw;
  }
}

}  // namespace golf
