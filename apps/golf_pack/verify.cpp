#include "golf_pack/verify.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

/// Some dictionaries leave the original dtype to the model that loads them: this is that cast.
bool same_weights(const Tensor& found, const Tensor& expected, ArtifactFormat format) {
  const bool cast = format == ArtifactFormat::kPtz && found.dtype != expected.dtype &&
                    is_floating(found.dtype) && is_floating(expected.dtype);
  return cast ? from_f32(to_f32(found), expected.dtype, found.shape) == expected : found == expected;
}

}  // namespace

std::optional<std::string> find_difference(ByteView bytes, const Artifact& artifact, int threads) {
  TensorSet decoded;
  try {
    const Artifact again = decode_artifact(bytes, "the new artifact", threads);
    if (artifact.info.format == ArtifactFormat::kGolf && again.info.spec != artifact.info.spec) {
      return "the model configuration does not come back";
    }
    decoded = dequantize(again.model, threads);
  } catch (const Error& error) {
    return fmt::format("it does not decode: {}", error.what());
  }
  const TensorSet expected = dequantize(artifact.model, threads);
  if (decoded.size() != expected.size()) {
    return fmt::format("{} tensors come back of {}", decoded.size(), expected.size());
  }
  for (const auto& [name, tensor] : expected) {
    const Tensor* found = decoded.find(name);
    if (found == nullptr) return fmt::format("tensor \"{}\" does not come back", printable(name));
    if (!same_weights(*found, tensor, artifact.info.format))
      return fmt::format("tensor \"{}\" comes back changed", printable(name));
  }
  return std::nullopt;
}

}  // namespace golf
