// Quantizing the full-size baseline (17 million weights) with each built-in recipe; bytes/s counts float32
// input.
#include <benchmark/benchmark.h>

#include <string>

#include "benchmarks/sample_model.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {
namespace {

const TensorSet& baseline_weights() {
  static const TensorSet weights = bench::sample_weights(ModelConfig{});
  return weights;
}

void quantize_recipe(benchmark::State& state, const QuantRecipe& recipe) {
  const TensorSet& weights = baseline_weights();
  const QuantizeOptions options{.threads = static_cast<int>(state.range(0))};
  for (auto _ : state) benchmark::DoNotOptimize(quantize(weights, recipe, options));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(weights.total_bytes()));
}

void dequantize_recipe(benchmark::State& state, const QuantRecipe& recipe) {
  const StoredModel model = quantize(baseline_weights(), recipe, {});
  const int threads = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(dequantize(model, threads));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(model.original_bytes()));
}

// Registered by hand: the recipes are a table that grows.
const bool registered = [] {
  for (const QuantRecipe& recipe : builtin_recipes()) {
    benchmark::RegisterBenchmark(("quantize/" + recipe.name).c_str(), quantize_recipe, recipe)
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark(("dequantize/" + recipe.name).c_str(), dequantize_recipe, recipe)
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  return true;
}();

}  // namespace
}  // namespace golf
