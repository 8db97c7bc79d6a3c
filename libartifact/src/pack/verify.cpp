#include "pack/verify.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

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

TensorSet decode(ByteView bytes, const ArtifactInfo& expected, int threads) {
  Artifact again;
  try {
    again = decode_artifact(bytes, "the new artifact", threads);
  } catch (const Error& error) {
    fail_check(fmt::format("it does not decode: {}", error.what()));
  }
  if (expected.format == ArtifactFormat::kGolf && again.info.spec != expected.spec) {
    fail_check("the model configuration does not come back");
  }
  return dequantize(again.model, threads);
}

}  // namespace

TensorSet decode_and_compare(ByteView bytes, const Artifact& artifact, int threads) {
  TensorSet decoded = decode(bytes, artifact.info, threads);
  const TensorSet expected = dequantize(artifact.model, threads);
  if (decoded.size() != expected.size()) {
    fail_check(fmt::format("{} tensors come back of {}", decoded.size(), expected.size()));
  }
  for (const auto& [name, tensor] : expected) {
    const Tensor* found = decoded.find(name);
    if (found == nullptr) fail_check(fmt::format("tensor \"{}\" does not come back", printable(name)));
    if (!same_weights(*found, tensor, artifact.info.format)) {
      fail_check(fmt::format("tensor \"{}\" comes back changed", printable(name)));
    }
  }
  return decoded;
}

}  // namespace golf
