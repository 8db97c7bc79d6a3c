// Every codec of plain bytes on int8 weights: 4 MB of the baseline's first quantized matrices, one thread.
// bytes/s counts raw bytes; `ratio` is encoded over raw.
#include <benchmark/benchmark.h>

#include <string>

#include "benchmarks/sample_model.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {
namespace {

constexpr size_t kRawBytes = 4'000'000;

const Bytes& int8_weights() {
  static const Bytes raw = [] {
    const StoredModel model =
        quantize(bench::sample_weights(ModelConfig{}), load_recipe("baseline-int8"), {});
    Bytes bytes;
    for (const StoredTensor& tensor : model.tensors) {
      if (tensor.encoding == Encoding::kIntPerRow) {
        bytes.insert(bytes.end(), tensor.values.bytes.begin(), tensor.values.bytes.end());
      }
      if (bytes.size() >= kRawBytes) break;
    }
    bytes.resize(kRawBytes);
    return bytes;
  }();
  return raw;
}

void encode_weights(benchmark::State& state, const CodecSpec& spec) {
  const Bytes& raw = int8_weights();
  size_t encoded_bytes = 0;
  for (auto _ : state) encoded_bytes = encode(spec, raw).size();
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(raw.size()));
  state.counters["ratio"] = static_cast<double>(encoded_bytes) / static_cast<double>(raw.size());
}

void decode_weights(benchmark::State& state, const CodecSpec& spec) {
  const Bytes& raw = int8_weights();
  const Bytes encoded = encode(spec, raw);
  for (auto _ : state) benchmark::DoNotOptimize(decode(spec.id, encoded, raw.size(), "benchmark"));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(raw.size()));
}

const bool registered = [] {
  for (const CodecRow& row : codec_table()) {
    if (!row.codes_bytes()) continue;
    const CodecSpec spec{.id = row.id, .level = row.default_level};
    benchmark::RegisterBenchmark(("encode/" + to_string(spec)).c_str(), encode_weights, spec)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("decode/" + to_string(spec)).c_str(), decode_weights, spec)
        ->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace golf
