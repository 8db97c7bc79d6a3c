#include "pack/verify.h"

#include <gtest/gtest.h>

#include "container_models.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(DecodeAndCompare, GivesTheWeights) {
  const Artifact artifact = test::small_artifact();
  const TensorSet weights = decode_and_compare(encode_artifact(artifact), artifact, 1, /*keep=*/true);
  EXPECT_EQ(weights.size(), artifact.model.tensors.size());
}

TEST(DecodeAndCompare, NamesWhatDiffers) {
  const Bytes bytes = encode_artifact(test::small_artifact());
  const auto expect = [&](const Artifact& artifact, const std::string& problem) {
    EXPECT_GOLF_ERROR(decode_and_compare(bytes, artifact, 1, /*keep=*/true), ErrorCode::kRunFailed,
                      "verification failed: " + problem);
  };
  Artifact changed = test::small_artifact();
  changed.model.tensors[1].values.bytes[0] ^= std::byte{1};
  expect(changed, "tensor \"" + changed.model.tensors[1].name + "\" comes back changed");

  Artifact renamed = test::small_artifact();
  renamed.model.tensors[1].name = "another";
  expect(renamed, "tensor \"another\" does not come back");

  Artifact shorter = test::small_artifact();
  shorter.model.tensors.pop_back();
  expect(shorter, std::to_string(shorter.model.tensors.size() + 1) + " tensors come back of " +
                      std::to_string(shorter.model.tensors.size()));

  Artifact unspecified = test::small_artifact();
  unspecified.info.spec.reset();
  expect(unspecified, "the model configuration does not come back");

  EXPECT_GOLF_ERROR(decode_and_compare(ByteView(bytes).first(100), test::small_artifact(), 1, /*keep=*/true),
                    ErrorCode::kRunFailed, "verification failed: it does not decode: the new artifact");
}

}  // namespace
}  // namespace golf
