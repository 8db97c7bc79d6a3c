#pragma once

#include <map>
#include <string>
#include <vector>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// What a codec makes of a model's values and scales, in streams as a .golf file has them, without the file's
/// header, names and shapes.
struct CodecBytes {
  CodecSpec codec = {};
  uint64_t bytes = 0;
};

/// Bits of a tensor, values and scales, if each byte were coded by its frequency among those at its place in
/// the elements, and the frequencies known beforehand.
double order0_bits(const StoredTensor& tensor);

struct CodecComparison {
  uint64_t raw_bytes = 0;
  /// The strongest level of each general-purpose codec, then levels of golf, the highest last.
  std::vector<CodecBytes> codecs = {};
  std::map<std::string, double> order0_bits = {};  ///< of each tensor
  SizeMap sizes = {};                              ///< of the last codec's streams
};

/// Encodes the model with each codec, a general-purpose one in every plane order that applies to a stream, of
/// which the smallest counts. Deterministic whatever `threads`.
CodecComparison compare_codecs(const StoredModel& model, int threads = 0, const ProgressSink& progress = {});

}  // namespace golf
