#include "golf/artifact/formats/checkpoint.h"

#include <gtest/gtest.h>

#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/spec/model_presets.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.tensors.add("w", make_tensor<float>(DType::kF32, {2}, std::vector<float>{1, 2}));
  return checkpoint;
}

TEST(Checkpoint, CarriesItsModelSpec) {
  Checkpoint checkpoint = sample();
  checkpoint.spec = *find_model_preset("baseline-tiny");
  const Bytes bytes = encode_checkpoint(checkpoint);
  const Checkpoint back = parse_checkpoint(bytes, "c.safetensors");
  EXPECT_EQ(back.spec, checkpoint.spec);
  EXPECT_EQ(back.tensors.at("w"), checkpoint.tensors.at("w"));
  EXPECT_EQ(encode_checkpoint(back), bytes);
}

TEST(Checkpoint, WorksWithoutASpec) {
  EXPECT_EQ(parse_checkpoint(encode_checkpoint(sample()), "c").spec, std::nullopt);
}

TEST(Checkpoint, NamesWhatIsWrongInTheSpec) {
  Checkpoint checkpoint = sample();
  checkpoint.tensors.metadata[kModelSpecMetadataKey] = R"({"model":{"num_layer":2}})";
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_checkpoint(checkpoint), "c.safetensors"),
                    ErrorCode::kInvalidArgument,
                    "c.safetensors: metadata \"golf.model_spec\".model: unknown key");
  checkpoint.tensors.metadata[kModelSpecMetadataKey] = "{";
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_checkpoint(checkpoint), "c.safetensors"), ErrorCode::kCorruptData,
                    "not valid JSON");
}

TEST(Checkpoint, RefusesEveryOtherKind) {
  for (const std::string_view text : {"", "\x78\xda", "plain text"}) {
    EXPECT_GOLF_ERROR(parse_checkpoint(as_bytes(text), "c"), ErrorCode::kUnsupported,
                      "c: not a checkpoint: the content is neither safetensors nor a torch zip");
  }
}

}  // namespace
}  // namespace golf
