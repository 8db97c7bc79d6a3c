#include <gtest/gtest.h>

#include "container_models.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(GolfContainer, RoundTripsEverythingWithEveryCodec) {
  for (const CodecRow& row : codec_table()) {
    Artifact artifact = test::small_artifact();
    artifact.info.codec = {row.id, row.default_level, false};
    const Artifact decoded = decode_artifact(encode_artifact(artifact), "t");
    test::expect_same_model(decoded.model, artifact.model);
    EXPECT_EQ(decoded.info.format, ArtifactFormat::kGolf);
    EXPECT_EQ(decoded.info.spec, artifact.info.spec);
    EXPECT_EQ(decoded.info.codec, artifact.info.codec) << row.name;
    EXPECT_EQ(decoded.info.recipe, "mixed-int6");
    EXPECT_EQ(decoded.info.provenance.at("tool"), "test");
    EXPECT_EQ(decoded.info.provenance.at("codec_library"), row.library_version());
  }
}

TEST(GolfContainer, HoldsEveryDtypeScalarsAndEmptyTensors) {
  Artifact artifact;
  artifact.info.codec = parse_codec("zstd:3");
  const auto add = [&](const std::string& name, DType dtype, Shape shape) {
    StoredTensor stored{.name = name, .original_dtype = dtype};
    stored.values = make_tensor(dtype, std::move(shape));
    for (size_t i = 0; i < stored.values.bytes.size(); ++i)
      stored.values.bytes[i] = static_cast<std::byte>(i * 37);
    artifact.model.tensors.push_back(std::move(stored));
  };
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    const std::string name(torch_name(dtype));
    add(name, dtype, {3, 5});
    add(name + ".scalar", dtype, {});
    add(name + ".empty", dtype, {4, 0, 2});
  }
  add("Größe.重み", DType::kF16, {1, 2, 3, 4});
  test::expect_same_model(decode_artifact(encode_artifact(artifact), "t").model, artifact.model);
}

TEST(GolfContainer, HoldsAnEmptyModelAndOneWithoutASpec) {
  Artifact artifact;
  artifact.info.codec = parse_codec("zlib");
  const Artifact decoded = decode_artifact(encode_artifact(artifact), "t");
  EXPECT_TRUE(decoded.model.tensors.empty());
  EXPECT_FALSE(decoded.info.spec.has_value());
  EXPECT_TRUE(decoded.info.recipe.empty());
}

TEST(GolfContainer, GivesTheSameBytesOnAnyNumberOfThreads) {
  const Artifact artifact = test::small_artifact();
  std::vector<uint64_t> done;
  const Bytes one = encode_artifact(artifact, 1, [&](const Progress& p) { done.push_back(p.done); });
  EXPECT_EQ(encode_artifact(artifact, 2), one);
  EXPECT_EQ(encode_artifact(artifact, 4), one);
  EXPECT_EQ(encode_artifact(artifact, 0), one);
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back(), artifact.model.payload_bytes());
}

TEST(GolfContainer, AddsUnderTwoKilobytesToTheStreams) {
  // 62 tensors: six layers of ten, two outside.
  const ModelConfig config{
      .num_layers = 6, .model_dim = 64, .num_heads = 4, .num_kv_heads = 2, .mlp_hidden = 128};
  Artifact artifact;
  artifact.info = {.spec = ModelSpec{.model = config, .eval = {}},
                   .codec = parse_codec("zlib:9"),
                   .recipe = "mixed-int6",
                   .provenance = {{"tool", "golf-pack 0.1.0 (0123456789abcdef)"},
                                  {"source_sha256", std::string(64, 'a')},
                                  {"source", "runs/2026-01-01/final.safetensors"}}};
  artifact.model = quantize(test::random_weights(config), load_recipe("mixed-int6"), {});
  ASSERT_GE(artifact.model.tensors.size(), 60U);
  const ArtifactSummary summary = summarize_artifact(encode_artifact(artifact), "t");
  uint64_t overhead = 0;
  for (const SizeRow& row : summary.sizes.rows) {
    if (row.part == BytePart::kContainer || row.part == BytePart::kMetadata) overhead += row.bytes;
  }
  EXPECT_LT(overhead, 2'000U);
  RecordProperty("overhead_bytes", static_cast<int>(overhead));
}

TEST(GolfContainer, CutsLargeModelsIntoStreamsAndSamplesTheirOrder) {
  const ModelConfig config{.vocab_size = 64, .num_layers = 4, .model_dim = 768, .mlp_hidden = 1536};
  Artifact artifact;
  artifact.info.codec = parse_codec("zlib:1");
  artifact.model = quantize(test::random_weights(config), load_recipe("mixed-int6"), {});
  ASSERT_GT(artifact.model.payload_bytes(), uint64_t{12} << 20);
  const Bytes bytes = encode_artifact(artifact, 2);
  EXPECT_EQ(encode_artifact(artifact, 1), bytes);
  test::expect_same_model(decode_artifact(bytes, "t", 2).model, artifact.model);
}

TEST(GolfContainer, RefusesToWriteWhatItCouldNotReadAgain) {
  const auto refuse = [](const auto& damage, ErrorCode code, const std::string& part) {
    Artifact artifact = test::small_artifact();
    damage(artifact);
    EXPECT_GOLF_ERROR(encode_artifact(artifact), code, part);
  };
  const std::string name = "tensor \"skip_weights\"";
  refuse([](Artifact& a) { a.model.tensors[0].values.bytes.pop_back(); }, ErrorCode::kInvalidArgument,
         name + ": shape [1, 32] and 63 bytes do not agree");
  refuse([](Artifact& a) { a.model.tensors[0].bits = 3; }, ErrorCode::kCorruptData, name);
  refuse([](Artifact& a) { a.model.tensors[1].name = "skip_weights"; }, ErrorCode::kCorruptData,
         name + " appears twice");
  refuse([](Artifact& a) { a.model.tensors[0].name = std::string(5000, 'x'); }, ErrorCode::kCorruptData,
         "string of 5000 bytes, at most 4096 allowed");
  refuse([](Artifact& a) { a.model.tensors[0].name = "\xff"; }, ErrorCode::kCorruptData, "not UTF-8");
}

}  // namespace
}  // namespace golf
