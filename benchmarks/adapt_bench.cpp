// One adapted chunk of PR 1855 at full size, on the CPU: documents side by side are scored on a window, their
// low-rank adapters learn from its last 48 tokens. Arguments: documents, window. items/s counts scored
// tokens; all of the machine's cores work unless OMP_NUM_THREADS says otherwise.
// python/adapt_step.py is the same step in PyTorch.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>

#include "golf/adapt/learner.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/model/parameter_init.h"

namespace golf {
namespace {

void adapted_chunk(benchmark::State& state) {
  const int64_t documents = state.range(0), window = state.range(1);
  AdaptConfig config{.low_rank = low_rank_preset("pr1855")};
  config.low_rank->documents.batch_documents = documents;
  config.low_rank->phases.reset();
  const int64_t chunk_tokens = config.low_rank->documents.chunk_tokens;

  Decoder model(find_model_preset("pr1855")->model);
  init_parameters(model, {}, 42);
  TokenizedText text{.document_start = 1};
  for (int64_t document = 0; document < documents; ++document) {
    text.tokens.push_back(1);
    for (int64_t i = 1; i < window + 2 * chunk_tokens; ++i) {
      text.tokens.push_back(static_cast<uint16_t>(2 + (i + document * 7) * 7919 % 8190));
    }
  }
  text.bytes.assign(text.tokens.size(), 3);
  const auto learner =
      make_learner(config, model, {.text = text, .settings = {.seq_len = 2048, .include_tail = true}});
  const int64_t chunk = window / chunk_tokens - 1;
  const auto step = [&] {
    learner->score(chunk, {}, [](TokenScores& scores) { benchmark::DoNotOptimize(scores); });
    learner->learn(chunk);
  };
  step();  // from now on B is not 0, so that A learns too
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations() * documents * chunk_tokens);
}
BENCHMARK(adapted_chunk)
    ->Args({64, 48})
    ->Args({8, 480})
    ->Args({2, 2016})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace golf
