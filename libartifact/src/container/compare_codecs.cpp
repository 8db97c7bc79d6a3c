#include "golf/artifact/container/compare_codecs.h"

#include <array>
#include <cmath>

#include "container/golf_streams.h"
#include "container/size_rows.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/base/progress.h"

namespace golf {
namespace {

/// Wherever it stands in the table, codec golf is the last.
std::vector<std::string_view> compared() {
  std::vector<std::string_view> names;
  for (const bool general_purpose : {true, false}) {
    for (const CodecRow& row : codec_table()) {
      if (row.codes_bytes() != general_purpose) continue;
      for (const std::string_view name : row.compared) {
        if (!name.empty()) names.push_back(name);
      }
    }
  }
  return names;
}

double order0_bits_of(const Tensor& tensor) {
  const uint64_t width = dtype_size(tensor.dtype);
  const double count = static_cast<double>(tensor.bytes.size() / width);
  double bits = 0.0;
  for (uint64_t place = 0; place < width; ++place) {
    std::array<uint64_t, 256> counts{};
    for (size_t at = place; at < tensor.bytes.size(); at += width) {
      ++counts[std::to_integer<size_t>(tensor.bytes[at])];
    }
    for (const uint64_t times : counts) {
      if (times > 0) bits -= static_cast<double>(times) * std::log2(static_cast<double>(times) / count);
    }
  }
  return bits;
}

}  // namespace

double order0_bits(const StoredTensor& tensor) {
  return order0_bits_of(tensor.values) + order0_bits_of(tensor.scales);
}

CodecComparison compare_codecs(const StoredModel& model, int threads, const ProgressSink& progress) {
  CodecComparison comparison{.raw_bytes = model.payload_bytes()};
  for (const StoredTensor& tensor : model.tensors) {
    comparison.order0_bits[tensor.name] = order0_bits(tensor);
  }
  const std::vector<std::string_view> names = compared();
  ProgressCounter counter(progress, "compare codecs", names.size() * comparison.raw_bytes, "bytes");
  for (const std::string_view name : names) {
    CodecBytes result{.codec = parse_codec(name)};
    const std::vector<TableEntry> table = plan_streams(model, result.codec);
    const auto parts = parts_by_stream(table, stream_count(table));
    std::vector<EncodedStream> streams(parts.size());
    parallel_for(parts.size(), threads, [&](size_t i) {
      streams[i] = encode_stream(model, parts[i], result.codec, OrderSearch::kWhole);
      counter.add(streams[i].raw_bytes);
    });
    comparison.sizes = {};
    for (size_t i = 0; i < streams.size(); ++i) {
      result.bytes += streams[i].bytes.size();
      add_stream_rows(comparison.sizes, streams[i].codec, streams[i].bytes, table, parts[i], "compare");
    }
    comparison.sizes.file_bytes = result.bytes;
    comparison.codecs.push_back(result);
  }
  return comparison;
}

}  // namespace golf
