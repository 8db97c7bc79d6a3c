// The score post-processors over a trace of 2^20 made-up losses in windows of 2,048 tokens, stride 64;
// items/s are scored tokens a second. PR 993's Python does 32,810 a CPU second, softmax and entropy included.
#include <benchmark/benchmark.h>

#include <random>

#include "golf/score/exact_ngram_cache.h"
#include "golf/score/hashed_ngram_cache.h"
#include "golf/score/window_plan.h"

namespace golf {
namespace {

constexpr int64_t kTargets = int64_t{1} << 20;
constexpr unsigned kVocab = 1024;

/// Skewed tokens, a third of them in repetitions of what came before: hit rates like those of text.
const std::vector<uint16_t>& sample_stream() {
  static const std::vector<uint16_t> stream = [] {
    std::vector<uint16_t> tokens;
    std::mt19937 random(1);
    while (tokens.size() <= kTargets) {
      if (tokens.size() > 1000 && random() % 16 == 0) {
        const size_t from = random() % (tokens.size() - 100);
        for (size_t i = 0; i < 8; ++i) tokens.push_back(tokens[from + i]);
      } else {
        tokens.push_back(static_cast<uint16_t>(random() % (1 + random() % kVocab)));
      }
    }
    tokens.resize(kTargets + 1);
    return tokens;
  }();
  return stream;
}

const WindowPlan& plan() {
  static const WindowPlan plan = WindowPlan::sliding(kTargets, 2048, 64);
  return plan;
}

const TokenScores& sample_scores() {
  static const TokenScores scores = [] {
    TokenScores made;
    for (int64_t w = 0; w < plan().size(); ++w) {
      made.segments.push_back({plan()[w].first_target(), plan()[w].scored()});
    }
    for (int64_t t = 0; t < kTargets; ++t) {
      made.nll_nats.push_back(static_cast<float>(t % 97) / 10);
      made.entropy_nats.push_back(static_cast<float>(t % 61) / 10);
    }
    return made;
  }();
  return scores;
}

void hashed(benchmark::State& state) {
  const HashedNgramConfig config{.buckets = state.range(0)};
  for (auto _ : state) {
    state.PauseTiming();
    TokenScores scores = sample_scores();
    HashedNgramCache processor(config, sample_stream(), plan().size(), kVocab);
    state.ResumeTiming();
    processor.run(scores);
    benchmark::DoNotOptimize(scores.nll_nats.data());
  }
  state.SetItemsProcessed(state.iterations() * kTargets);
}
BENCHMARK(hashed)->ArgName("buckets")->Arg(65'536)->Arg(4'194'304)->Unit(benchmark::kMillisecond);

void exact(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    TokenScores scores = sample_scores();
    ExactNgramCache processor({.max_order = static_cast<int>(state.range(0))}, sample_stream());
    state.ResumeTiming();
    processor.run(scores);
    benchmark::DoNotOptimize(scores.nll_nats.data());
    state.counters["bytes"] = static_cast<double>(processor.trie().bytes());
  }
  state.SetItemsProcessed(state.iterations() * kTargets);
}
BENCHMARK(exact)->ArgName("order")->Arg(4)->Arg(6)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace golf
