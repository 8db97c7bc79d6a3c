#include "golf/train/run/train.h"

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/version.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <thread>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/runtime.h"
#include "golf/model/parameter_init.h"
#include "golf/model/torch_tensors.h"
#include "golf/score/window_plan.h"
#include "golf/train/device/device.h"
#include "golf/train/device/step_graph.h"
#include "golf/train/parallel/communicator.h"
#include "golf/train/parallel/thread_advice.h"
#include "golf/train/run/log_lines.h"
#include "golf/train/run/run_directory.h"
#include "golf/train/run/run_log.h"
#include "golf/train/trainer/trainer.h"
#include "run/checkpoint_writer.h"
#include "run/pack_weights.h"
#include "run/resume_point.h"
#include "run/run_inputs.h"
#include "run/run_records.h"
#include "run/training_run.h"

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
          .val_tokens = trimmed_targets(inputs.validation.view().size(), inputs.eval.seq_len),
          .parameters = parameters,
          .world_size = job.launch.ranks.world,
          .grad_accum_steps = loader.accumulation_steps(),
          .cudnn = context.userEnabledCuDNNSDP(),
          .flash = context.userEnabledFlashSDP(),
          .mem_efficient = context.userEnabledMemEfficientSDP(),
          .math = context.userEnabledMathSDP()};
}

/// @param init  weights to start from; empty: drawn from the seed
Decoder make_model(const TrainConfig& config, const std::string& init, const Runtime& runtime) {
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

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

void write_json(const std::string& path, const Json& json) {
  write_file_atomic(path, as_bytes(json.dump(2) + "\n"));
}

/// The device of this rank: of several on one machine, each has the GPU of its number.
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
void require_same_run(const Communicator& ranks, const TrainConfig& config, const TrainJob& job,
                      const RunInputs& inputs, const std::optional<ResumePoint>& from) {
  if (ranks.alone()) return;
  const auto digest = [](const std::string& text) { return sha256_hex(as_bytes(text)).substr(0, 16); };
  ranks.require_same("program version", job.version);
  ranks.require_same("configuration", digest(to_json(config).dump()));
  ranks.require_same("shard names and sizes",
                     digest(shards_digest(inputs.train_shards) + shards_digest(inputs.val_shards)));
  ranks.require_same("tokenizer", sha256_hex(read_file(job.tokenizer)).substr(0, 16));
  ranks.require_same("checkpoint", from ? from->digest : "none");
}

TrainReport train_among(const Communicator& ranks, const TrainConfig& config, const TrainJob& job,
                        const Runtime& runtime) {
  use_device(runtime.device);
  set_compute_threads(rank_threads(config, job.launch));
  choose_attention_kernels(runtime);
  const RunInputs inputs = read_run_inputs(config, job);
  TrainingCheckpoint identity{.version = job.version,
                              .config = config,
                              .dtype = std::string(runtime.dtype_text()),
                              .shards = shards_digest(inputs.train_shards)};
  std::optional<ResumePoint> from = read_resume_point(config, job, identity.dtype, identity.shards);
  require_same_run(ranks, config, job, inputs, from);
  BatchLoader loader(ShardStream(inputs.train_shards, config.model.vocab_size), config.data.batch_tokens,
                     config.data.micro_steps, config.data.seq_len, ranks.ranks());
  Decoder model = make_model(config, from ? "" : job.init, runtime);
  const RunEnvironment environment{.version = job.version,
                                   .libtorch_version = TORCH_VERSION,
                                   .device = runtime.device_text(),
                                   .device_name = device_name(runtime.device),
                                   .dtype = identity.dtype,
                                   .threads = compute_threads(),
                                   .parameters = parameter_count(config.model),
                                   .world_size = ranks.ranks().world};
  const log_lines::RunFacts facts = run_facts(job, inputs, loader, environment.parameters);

  Trainer trainer(config, model, std::move(loader), ranks);
  TrainClock clock;
  LogExtent kept;
  if (from) {
    kept = from->checkpoint.log;
    clock = TrainClock(from->checkpoint.train_ms);
    trainer.restore(trainer_state(std::move(from->checkpoint)));
  }

  std::optional<RunDirectory> directory;
  std::optional<CheckpointFolder> folder;
  RunLog log;
  if (ranks.first()) {
    const bool anew = job.start == RunStart::kContinue && !from;
    directory.emplace(job.run_dir, anew ? RunStart::kNew : job.start);
    folder.emplace(directory->checkpoints());
    folder->cut_back(trainer.finished_steps());
    write_json(directory->config(), to_json(config));
    log = RunLog(directory->log(), directory->metrics(), job.on_log, kept);
  }
  const bool begins = log.extent() == LogExtent{};
  if (begins) {
    log.metrics(run_record(config, environment));
    for (const std::string& line : log_lines::header(config, facts)) log.line(line);
    const std::optional<std::string> advice = thread_advice(
        job.omp_num_threads, compute_threads(), job.launch.local_world, std::thread::hardware_concurrency());
    if (advice && ranks.first()) log.line(*advice);
  }
  if (from) log.metrics(resume_record(trainer.finished_steps(), config, environment));

  const int64_t warmup_steps = config.schedule.warmup_steps;
  trainer.warm_up(warmup_steps, [&](int64_t k) {
    if (begins && log_lines::logs_warmup_step(k, warmup_steps)) {
      log.line(log_lines::warmup_step(k, warmup_steps));
    }
  });
  TrainReport report;
  CheckpointWriter checkpoints(std::move(identity), folder);
  TrainingRun run(config, job, inputs, ranks, trainer, log, checkpoints, clock);
  run.run(report);
  if (report.stop != 0) return report;
  log.line(peak_memory_line(runtime.device));
  run.load_final_weights(report);
  if ((report.stop = run.stop_agreed()) != 0) return report;
  if (ranks.first()) pack_weights(config, job, inputs, *directory, model, log, report);
  if ((report.stop = run.stop_agreed()) != 0) return report;
  run.evaluate_packed(report);
  if (!ranks.first()) return report;
  write_json(directory->evaluation(), evaluation_record(config, report, environment));
  write_json(directory->submission(), submission_record(config, report, environment, today()));
  if (config.training.checkpoint_every == 0) folder->clear();
  return report;
}

}  // namespace

TrainReport train(const TrainConfig& config, const TrainJob& job) {
  validate(config);
  const Runtime runtime = rank_runtime(config, job.launch);
  if (config.training.cuda_graphs) require_step_graphs(runtime.device);
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
