#include "pack/verify.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"

namespace golf {
namespace {

[[noreturn]] void fail_check(const std::string& problem) {
  fail(ErrorCode::kRunFailed, "verification failed: " + problem);
}

/// Some dictionaries leave the original dtype to the model that loads them: this is that cast.
bool same_weights(const Tensor& found, const Tensor& expected, ArtifactFormat format) {
  const bool cast = format == ArtifactFormat::kPtz && found.dtype != expected.dtype &&
                    is_floating(found.dtype) && is_floating(expected.dtype);
  return cast ? from_f32(to_f32(found), expected.dtype, found.shape) == expected : found == expected;
}

StoredModel decode(ByteView bytes, const ArtifactInfo& expected, int threads) {
  Artifact again;
  try {
    again = decode_artifact(bytes, "the new artifact", threads);
  } catch (const Error& error) {
    fail_check(fmt::format("it does not decode: {}", error.what()));
  }
  if (expected.format == ArtifactFormat::kGolf && again.info.spec != expected.spec) {
    fail_check("the model configuration does not come back");
  }
  return std::move(again.model);
}

}  // namespace

TensorSet decode_and_compare(ByteView bytes, const Artifact& artifact, int threads, bool keep) {
  const StoredModel decoded = decode(bytes, artifact.info, threads);
  const std::vector<StoredTensor>& expected = artifact.model.tensors;
  if (decoded.tensors.size() != expected.size()) {
    fail_check(fmt::format("{} tensors come back of {}", decoded.tensors.size(), expected.size()));
  }
  std::map<std::string_view, const StoredTensor*> found;
  for (const StoredTensor& tensor : decoded.tensors) found[tensor.name] = &tensor;
  std::vector<Tensor> kept(keep ? expected.size() : 0);
  parallel_for(expected.size(), threads, [&](size_t i) {
    const std::string& name = expected[i].name;
    if (!found.contains(name)) fail_check(fmt::format("tensor \"{}\" does not come back", printable(name)));
    Tensor weights = dequantize(*found.at(name));
    if (!same_weights(weights, dequantize(expected[i]), artifact.info.format)) {
      fail_check(fmt::format("tensor \"{}\" comes back changed", printable(name)));
    }
    if (keep) kept[i] = std::move(weights);
  });
  TensorSet weights;
  for (size_t i = 0; i < kept.size(); ++i) weights.add(expected[i].name, std::move(kept[i]));
  return weights;
}

}  // namespace golf
