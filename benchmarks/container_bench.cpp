// Writing and reading a .golf file of the full-size baseline, int8, zstd level 3 (level 22 is codec_bench's
// business), and summarising it as golf-inspect does. bytes/s counts the file.
#include <benchmark/benchmark.h>

#include "benchmarks/sample_model.h"
#include "golf/artifact/container/artifact.h"

namespace golf {
namespace {

const Artifact& baseline_artifact() {
  static const Artifact artifact = [] {
    const ModelSpec spec;
    return Artifact{
        .info = {.spec = spec, .codec = parse_codec("zstd:3"), .recipe = "baseline-int8"},
        .model = quantize(bench::sample_weights(spec.model), load_recipe("baseline-int8"), {}),
    };
  }();
  return artifact;
}

const Bytes& baseline_file() {
  static const Bytes file = encode_artifact(baseline_artifact());
  return file;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(baseline_file().size()));
}

void write_golf(benchmark::State& state) {
  const int threads = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(encode_artifact(baseline_artifact(), threads));
  count_bytes(state);
}
BENCHMARK(write_golf)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void read_golf(benchmark::State& state) {
  const int threads = static_cast<int>(state.range(0));
  const Bytes& file = baseline_file();
  for (auto _ : state) benchmark::DoNotOptimize(decode_artifact(file, "benchmark", threads));
  count_bytes(state);
}
BENCHMARK(read_golf)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void summarize_golf(benchmark::State& state) {
  const Bytes& file = baseline_file();
  for (auto _ : state) benchmark::DoNotOptimize(summarize_artifact(file, "benchmark"));
  count_bytes(state);
}
BENCHMARK(summarize_golf)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace golf
