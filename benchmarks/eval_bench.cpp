// Scoring tokens with the tiny and the full-size baseline on the CPU, float32, in windows of the model's own
// length. items/s counts scored tokens; all of the machine's cores work unless OMP_NUM_THREADS says
// otherwise.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/spec/model_presets.h"
#include "golf/eval/score_tokens.h"
#include "golf/model/parameter_init.h"

namespace golf {
namespace {

/// Tokens with no structure: the time does not depend on what they say.
std::vector<uint16_t> sample_tokens(int64_t count, int64_t vocab_size) {
  std::vector<uint16_t> tokens;
  for (int64_t i = 0; i < count; ++i) tokens.push_back(static_cast<uint16_t>(i * 7919 % vocab_size));
  return tokens;
}

void score(benchmark::State& state, const std::string& preset, const std::string& mode) {
  const ModelSpec spec = load_model_spec(preset);
  Decoder model(spec.model);
  init_parameters(model, {}, 1);
  model->eval();
  const int64_t targets = 4 * spec.eval.seq_len;
  const std::vector<uint16_t> tokens = sample_tokens(targets + 1, spec.model.vocab_size);
  const WindowPlan plan = mode == "standard"
                              ? WindowPlan::standard(targets, spec.eval.seq_len)
                              : WindowPlan::sliding(targets, spec.eval.seq_len, spec.eval.seq_len / 4);
  const ScoreOptions options{.batch_seqs = 4};
  for (auto _ : state) benchmark::DoNotOptimize(score_tokens(model, tokens, plan, options));
  state.SetItemsProcessed(state.iterations() * plan.coverage().scored);
}
BENCHMARK_CAPTURE(score, tiny_standard, "baseline-tiny", "standard")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(score, tiny_sliding_quarter, "baseline-tiny", "sliding")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(score, baseline_standard, "baseline", "standard")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace golf
