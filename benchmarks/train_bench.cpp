// One optimizer step of the configuration that quickstart.sh trains, on the CPU. items/s counts tokens; all
// of the machine's cores work unless OMP_NUM_THREADS says otherwise.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/model/parameter_init.h"
#include "golf/train/config/config_builder.h"
#include "golf/train/trainer/trainer.h"

namespace golf {
namespace {

void train_step(benchmark::State& state, const std::string& preset, torch::ScalarType dtype) {
  const TrainConfig config = ConfigBuilder(preset).build();
  std::vector<uint16_t> tokens;
  for (int64_t i = 0; i < 1'000'000; ++i) {
    tokens.push_back(static_cast<uint16_t>(i * 7919 % config.model.vocab_size));
  }
  const std::string shard = (std::filesystem::temp_directory_path() / "golf_train_bench.bin").string();
  write_file_atomic(shard, encode_token_shard(tokens));

  Decoder model(config.model);
  init_parameters(model, {}, config.training.seed);
  model->set_compute_dtype(dtype);
  model->train();
  Trainer trainer(config, model, make_batch_loader(config.data, find_shards(shard), config.model.vocab_size));
  for (auto _ : state) benchmark::DoNotOptimize(trainer.step(0.0));
  state.SetItemsProcessed(state.iterations() * config.data.batch_tokens);
  std::filesystem::remove(shard);
}
BENCHMARK_CAPTURE(train_step, baseline_cpu_fp32, "baseline-cpu", torch::kFloat)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(train_step, baseline_cpu_bf16, "baseline-cpu", torch::kBFloat16)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace golf
