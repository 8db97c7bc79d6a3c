#include "golf/artifact/formats/checkpoint.h"

#include <gtest/gtest.h>

#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/token_shard.h"
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

TEST(DetectKind, GoesByContent) {
  const auto kind = [](std::string_view text) { return detect_kind(as_bytes(text)); };
  EXPECT_EQ(detect_kind(encode_checkpoint(sample())), FileKind::kSafetensors);
  EXPECT_EQ(detect_kind(encode_token_shard(std::vector<uint16_t>{1, 2})), FileKind::kTokenShard);
  EXPECT_EQ(kind(kGolfMagic), FileKind::kGolf);
  EXPECT_EQ(kind("\x78\x9c\x03"), FileKind::kCompressed);          // zlib 6
  EXPECT_EQ(kind("\x78\xda"), FileKind::kCompressed);              // zlib 9
  EXPECT_EQ(kind("\x28\xb5\x2f\xfd\x20"), FileKind::kCompressed);  // zstd
  EXPECT_EQ(kind(std::string_view("\xfd"
                                  "7zXZ\0\0",
                                  7)),
            FileKind::kCompressed);  // xz
  EXPECT_EQ(kind(""), FileKind::kUnknown);
  EXPECT_EQ(kind("\x78"), FileKind::kUnknown);
  EXPECT_EQ(kind("{\"model\":{}}"), FileKind::kUnknown);
}

TEST(Checkpoint, SaysWhatAnotherKindIs) {
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_token_shard(std::vector<uint16_t>{1, 2}), "c.safetensors"),
                    ErrorCode::kUnsupported, "c.safetensors: not a checkpoint: this is a token shard");
  EXPECT_GOLF_ERROR(parse_checkpoint(as_bytes("\x78\xda"), "c.pt"), ErrorCode::kUnsupported,
                    "perhaps a .ptz artifact");
  EXPECT_GOLF_ERROR(parse_checkpoint(as_bytes(kGolfMagic), "c"), ErrorCode::kUnsupported, ".golf artifact");
  EXPECT_GOLF_ERROR(parse_checkpoint({}, "c"), ErrorCode::kUnsupported, "neither safetensors nor");
}

}  // namespace
}  // namespace golf
