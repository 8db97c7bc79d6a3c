#include "golf/artifact/container/file_kind.h"

#include <gtest/gtest.h>

#include "container_models.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

FileKind kind_of(std::string_view text) { return identify(as_bytes(text)); }

TEST(Identify, TellsWhatTheProjectWrites) {
  EXPECT_EQ(identify(encode_artifact(test::small_artifact())), FileKind::kGolf);
  EXPECT_EQ(identify(encode_checkpoint({.tensors = test::random_weights(test::small_config()), .spec = {}})),
            FileKind::kSafetensors);
  EXPECT_EQ(identify(encode_torch_file({.value = TorchValue::Dict{}})), FileKind::kTorchCheckpoint);
  EXPECT_EQ(identify(encode_token_shard(std::vector<uint16_t>{1, 2})), FileKind::kTokenShard);
}

TEST(Identify, TellsByTheFirstBytes) {
  EXPECT_EQ(kind_of(kGolfMagic), FileKind::kGolf);
  EXPECT_EQ(kind_of("\x78\x9c\x03"), FileKind::kPtz) << "zlib 6";
  EXPECT_EQ(kind_of("\x78\xda"), FileKind::kPtz) << "zlib 9";
  EXPECT_EQ(kind_of("\x28\xb5\x2f\xfd\x20"), FileKind::kPtz) << "zstd";
  EXPECT_EQ(kind_of(std::string_view("\xfd"
                                     "7zXZ\0\0",
                                     7)),
            FileKind::kPtz)
      << "xz";
  EXPECT_EQ(kind_of("\n\x0eunk"), FileKind::kTokenizer);
}

TEST(Identify, KnowsNothingElse) {
  for (const char* text : {"", "\x78", "{\"model\":{}}", "plain text"}) {
    EXPECT_EQ(kind_of(text), FileKind::kUnknown) << text;
  }
}

TEST(Identify, TellsASafetensorsFileWhoseLengthLooksLikeAZlibHeader) {
  TensorSet tensors;
  tensors.add("a", make_tensor(DType::kF32, {1}));
  Bytes bytes;
  do {  // a header of 0x178 bytes begins like a zlib stream of level 1: 78 01
    tensors.metadata["pad"] += "x";
    bytes = encode_safetensors(tensors);
    ASSERT_LT(bytes.size(), 1'000U);
  } while (detect_codec(bytes) != CodecId::kZlib);
  EXPECT_EQ(identify(bytes), FileKind::kSafetensors);
  EXPECT_EQ(load_model(bytes, "t", std::nullopt).tensors.size(), 1U);
}

}  // namespace
}  // namespace golf
