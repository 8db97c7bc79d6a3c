#include <gtest/gtest.h>

#include <functional>

#include "container_models.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Artifact int8_artifact(const std::string& codec) {
  QuantRecipe recipe = load_recipe("baseline-int8");
  recipe.keep_float_max = 100;
  TensorSet weights = test::random_weights(test::small_config());
  weights.add("counter", make_tensor<int64_t>(DType::kI64, {2}, std::vector<int64_t>{1, 2}));
  weights.add("cube", make_tensor(DType::kF32, {5, 5, 5}));
  weights.add("small", make_tensor(DType::kBF16, {3}));
  Artifact artifact;
  artifact.info.format = ArtifactFormat::kPtz;
  artifact.info.codec = parse_codec(codec);
  artifact.info.ptz_layout = recipe.ptz_layout;
  artifact.model = quantize(weights, recipe, {});
  return artifact;
}

const StoredTensor& find(const StoredModel& model, const std::string& name) {
  for (const StoredTensor& tensor : model.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::out_of_range(name);
}

TEST(Ptz, RoundTripsWithEveryCodecWhichIsDetected) {
  for (const char* codec : {"zlib:9", "zstd:22", "lzma:6", "brotli:9", "store"}) {
    const Artifact artifact = int8_artifact(codec);
    const Bytes bytes = encode_artifact(artifact);
    EXPECT_TRUE(is_artifact(identify(bytes))) << codec;
    const Artifact decoded = decode_artifact(bytes, "m.ptz");
    EXPECT_EQ(decoded.info.format, ArtifactFormat::kPtz);
    EXPECT_EQ(decoded.info.codec.id, artifact.info.codec.id);
    EXPECT_EQ(decoded.info.ptz_layout, "int8_clean");
    ASSERT_EQ(decoded.model.tensors.size(), artifact.model.tensors.size());
    for (const StoredTensor& stored : artifact.model.tensors) {
      const StoredTensor& other = find(decoded.model, stored.name);
      EXPECT_EQ(other.values, stored.values) << stored.name;
      EXPECT_EQ(other.scales, stored.scales) << stored.name;
      EXPECT_EQ(other.encoding, stored.encoding) << stored.name;
      EXPECT_EQ(other.original_dtype, stored.original_dtype) << stored.name;
    }
  }
}

TEST(Ptz, LabelsEveryByteAsApportioned) {
  const Artifact artifact = int8_artifact("zlib:9");
  const Bytes bytes = encode_artifact(artifact);
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.sizes.file_bytes, bytes.size());
  EXPECT_EQ(summary.sizes.sum(), bytes.size());
  for (const SizeRow& row : summary.sizes.rows) EXPECT_TRUE(row.apportioned);
  EXPECT_EQ(summary.tensors.size(), artifact.model.tensors.size());
  EXPECT_TRUE(summary.tensors[0].values.bytes.empty());
}

TEST(Ptz, RefusesSchemesThatItsLayoutCannotHold) {
  Artifact artifact = test::small_artifact();
  artifact.info.format = ArtifactFormat::kPtz;
  artifact.info.ptz_layout = "int8_clean";
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kUnsupported,
                    "ptz layouts cannot hold ecsq (tensor \"blocks.1.attn.c_q.weight\"): use --format golf");
  std::erase_if(artifact.model.tensors, [](const StoredTensor& stored) { return stored.on_grid(); });
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kUnsupported,
                    "ptz layout int8_clean cannot hold int6 (tensor \"blocks.0.attn.c_q.weight\")");
  artifact.info.ptz_layout = "";
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kInvalidArgument,
                    "ptz layout \"\" is not one of: int8_clean_clip, int6_clean, int8_clean, wm_s, gptq, "
                    "wm_scale, pgrp_v1, pgrp_v2, pgrp_v2_lrzip: use");
}

TEST(Ptz, WritesTheReferencesDictionary) {
  const TorchValue root = parse_torch_file(encode_artifact(int8_artifact("store")), "t");
  std::vector<std::string> keys;
  for (const auto& [key, value] : std::get<TorchValue::Dict>(root.value)) {
    keys.push_back(std::get<std::string>(key.value));
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"__quant_format__", "quantized", "scales", "dtypes",
                                            "passthrough", "qmeta", "passthrough_orig_dtypes"}));
  const TorchValue* meta = root.find("qmeta")->find("tok_emb.weight");
  EXPECT_EQ(std::get<std::string>(meta->find("scheme")->value), "per_row");
  EXPECT_EQ(std::get<int64_t>(meta->find("axis")->value), 0);
  EXPECT_EQ(root.find("qmeta")->find("cube"), nullptr) << "matrices only";
  EXPECT_EQ(std::get<std::string>(root.find("passthrough_orig_dtypes")->find("small")->value), "bfloat16");
}

TEST(Ptz, LeavesOutEmptyOptionalKeys) {
  Artifact artifact = int8_artifact("store");
  artifact.model.tensors = {find(artifact.model, "counter")};
  const TorchValue root = parse_torch_file(encode_artifact(artifact), "t");
  EXPECT_EQ(root.find("qmeta"), nullptr);
  EXPECT_EQ(root.find("passthrough_orig_dtypes"), nullptr);
  EXPECT_NE(root.find("quantized"), nullptr);
}

TEST(Ptz, RefusesDamagedFiles) {
  const Bytes bytes = encode_artifact(int8_artifact("zstd:3"));
  for (size_t length = 8; length < bytes.size(); length += 211) {
    EXPECT_GOLF_ERROR(decode_artifact(ByteView(bytes).first(length), "m.ptz"), ErrorCode::kCorruptData,
                      "m.ptz");
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(decode_artifact(longer, "m.ptz"), ErrorCode::kCorruptData,
                    "1 bytes after the zstd stream");
}

using Damage = std::function<void(TorchValue::Dict&)>;

TorchValue::Dict& member(TorchValue::Dict& root, const std::string& key) {
  for (auto& [name, value] : root) {
    if (std::get<std::string>(name.value) == key) return std::get<TorchValue::Dict>(value.value);
  }
  throw std::out_of_range(key);
}

void expect_refused(const Damage& damage, ErrorCode code, const std::string& part) {
  TorchValue root = parse_torch_file(encode_artifact(int8_artifact("store")), "t");
  damage(std::get<TorchValue::Dict>(root.value));
  const Bytes bytes = encode(parse_codec("zlib:1"), encode_torch_file(root));
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), code, part);
}

TEST(Ptz, RefusesDictionariesWhosePartsDoNotBelongTogether) {
  using Dict = TorchValue::Dict;
  const TorchValue name{.value = std::string("tok_emb.weight")};
  expect_refused([](Dict& root) { root[0].second.value = std::string("int9"); }, ErrorCode::kUnsupported,
                 "m.ptz: format \"int9\" found");
  expect_refused([](Dict& root) { root[1].first.value = std::string("quant"); }, ErrorCode::kUnsupported,
                 "m.ptz: key \"quant\" is not known");
  expect_refused([](Dict& root) { root.erase(root.begin() + 4); }, ErrorCode::kCorruptData,
                 "\"passthrough\" is missing");
  expect_refused([](Dict& root) { root[1].second.value = int64_t{3}; }, ErrorCode::kCorruptData,
                 "m.ptz: quantized: a dictionary expected");
  expect_refused([](Dict& root) { member(root, "scales").clear(); }, ErrorCode::kCorruptData,
                 "m.ptz: scales: \"tok_emb.weight\" is missing");
  expect_refused([](Dict& root) { member(root, "dtypes").clear(); }, ErrorCode::kCorruptData,
                 "m.ptz: dtypes: \"tok_emb.weight\" is missing");
  expect_refused([](Dict& root) { member(root, "dtypes")[0].second.value = std::string("float99"); },
                 ErrorCode::kCorruptData, "dtype \"float99\" is not known");
  expect_refused(
      [&](Dict& root) { member(root, "scales").emplace_back(TorchValue{.value = std::string("x")}, name); },
      ErrorCode::kCorruptData, "names tensor \"x\", which is not there");
  expect_refused(
      [&](Dict& root) {
        member(root, "passthrough").emplace_back(name, member(root, "quantized")[0].second);
      },
      ErrorCode::kCorruptData, "both quantized and passed through");
  expect_refused([&](Dict& root) { member(root, "scales")[0].second.value = make_tensor(DType::kF16, {7}); },
                 ErrorCode::kCorruptData, "tensor \"tok_emb.weight\": scales [96] expected, [7] found");
  expect_refused(
      [&](Dict& root) {
        member(root, "quantized")[0].second.value = make_tensor(DType::kF32, {96, 32});
      },
      ErrorCode::kCorruptData, "int8 values expected, float32 found");
}

Artifact clean_artifact(const std::string& recipe_name) {
  QuantRecipe recipe = load_recipe(recipe_name);
  recipe.keep_float_max = 100;
  Artifact artifact;
  artifact.info.format = ArtifactFormat::kPtz;
  artifact.info.codec = parse_codec("store");
  artifact.info.ptz_layout = recipe.ptz_layout;
  artifact.model = quantize(test::random_weights(test::small_config()), recipe, {});
  return artifact;
}

TEST(Ptz, KnowsTheVariantsOf88And192) {
  const auto first_keys = [](const TorchValue& root) {
    const auto& dict = std::get<TorchValue::Dict>(root.value);
    return std::get<std::string>(dict[0].second.value) + " " + std::get<std::string>(dict[1].first.value);
  };
  const Artifact pr88 = clean_artifact("pr88");
  const TorchValue root88 = parse_torch_file(encode_artifact(pr88), "t");
  EXPECT_EQ(first_keys(root88), "int8_clean_per_row_v1 clip_range");
  EXPECT_EQ(std::get<int64_t>(root88.find("clip_range")->value), 31);
  const Artifact pr192 = clean_artifact("pr192");
  EXPECT_EQ(first_keys(parse_torch_file(encode_artifact(pr192), "t")), "int6_in_int8_per_row_v1 quantized");
  for (const Artifact& artifact : {pr88, pr192}) {
    const Artifact decoded = decode_artifact(encode_artifact(artifact), "m.ptz");
    EXPECT_EQ(decoded.info.ptz_layout, artifact.info.ptz_layout);
    for (const StoredTensor& stored : artifact.model.tensors) {
      EXPECT_EQ(find(decoded.model, stored.name).scheme(), stored.scheme()) << stored.name;
      EXPECT_EQ(find(decoded.model, stored.name).values, stored.values) << stored.name;
    }
  }
}

TEST(Ptz, WritesInt8AsPr88DoesWithoutItsInt6) {
  Artifact artifact = clean_artifact("baseline-int8");
  artifact.info.ptz_layout = "int8_clean_clip";
  const TorchValue root = parse_torch_file(encode_artifact(artifact), "t");
  EXPECT_EQ(std::get<int64_t>(root.find("clip_range")->value), 127);
}

TEST(Ptz, HoldsPr88ToItsClipRange) {
  Artifact artifact = clean_artifact("pr88");
  artifact.model.tensors.push_back(scheme_row("int6-pr88").store(make_tensor(DType::kF32, {200})));
  artifact.model.tensors.back().name = "vector";
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kUnsupported,
                    "ptz layout int8_clean_clip cannot hold int8 (tensor \"vector\")");
  TorchValue root = parse_torch_file(encode_artifact(clean_artifact("pr88")), "t");
  const auto refused = [&](int64_t clip_range, const std::string& part) {
    std::get<TorchValue::Dict>(root.value)[1].second.value = clip_range;
    EXPECT_GOLF_ERROR(decode_artifact(encode(parse_codec("zlib:1"), encode_torch_file(root)), "m.ptz"),
                      ErrorCode::kCorruptData, part);
  };
  refused(0, "clip_range 0 found, 1 to 127 expected");
  refused(200, "clip_range 200 found");
  refused(2, "clip_range 2 allows no larger ones");
}

TEST(Ptz, ReadsAndWritesTheByteShuffle) {
  Artifact artifact = int8_artifact("brotli:5");
  for (const int stride : {1, 2, 4, 255}) {
    artifact.info.ptz_byte_shuffle = stride;
    const Bytes bytes = encode_artifact(artifact);
    EXPECT_EQ(as_text(decode_prefix(CodecId::kBrotli, bytes, 4, "t")), "BSHF");
    EXPECT_TRUE(is_artifact(identify(bytes))) << "brotli has no magic number, the wrapper tells";
    const Artifact decoded = decode_artifact(bytes, "m.ptz");
    EXPECT_EQ(decoded.info.ptz_byte_shuffle, stride);
    EXPECT_EQ(find(decoded.model, "tok_emb.weight").values, find(artifact.model, "tok_emb.weight").values);
    EXPECT_EQ(summarize_artifact(bytes, "m.ptz").sizes.sum(), bytes.size());
  }
  artifact.info.ptz_byte_shuffle = 256;
  EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kInvalidArgument, "stride 256: 1 to 255 expected");
}

TEST(Ptz, RefusesAByteShuffleWithoutAStride) {
  for (const std::string_view bytes : {std::string_view("BSHF"), std::string_view("BSHF\0abc", 8)}) {
    EXPECT_GOLF_ERROR(decode_artifact(as_bytes(bytes), "m.ptz"), ErrorCode::kCorruptData,
                      "m.ptz: a byte-shuffled stream without a stride");
  }
}

TEST(Ptz, ListsTheTensorsOfDictionariesItDoesNotKnow) {
  const auto tensor = [](DType dtype, const Shape& shape) {
    return TorchValue{.value = make_tensor(dtype, shape)};
  };
  const auto text = [](const char* value) { return TorchValue{.value = std::string(value)}; };
  TorchValue::Dict inner;
  inner.emplace_back(text("q"), tensor(DType::kI8, {4, 3}));
  inner.emplace_back(TorchValue{.value = int64_t{7}}, tensor(DType::kF16, {4}));
  TorchValue::Dict root;
  root.emplace_back(text("layers"),
                    TorchValue{.value = TorchValue::List{{.value = inner}, tensor(DType::kF32, {2})}});
  root.emplace_back(text("note"), text("x"));
  const Bytes bytes = encode(parse_codec("zstd:3"), encode_torch_file({.value = root}));
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.info.ptz_layout, "unknown");
  ASSERT_EQ(summary.tensors.size(), 3U);
  EXPECT_EQ(summary.tensors[0].name, "layers/0/q");
  EXPECT_EQ(summary.tensors[0].values.shape, (Shape{4, 3}));
  EXPECT_EQ(summary.tensors[0].scheme(), "int8");
  EXPECT_EQ(summary.tensors[1].name, "layers/0/7");
  EXPECT_EQ(summary.tensors[2].name, "layers/1");
  EXPECT_EQ(summary.sizes.sum(), bytes.size());
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported,
                    "golf-inspect lists its tensors");
}

TEST(Ptz, ListsTheTensorsOfAKnownDictionaryWithAnUnknownFormat) {
  TorchValue root = parse_torch_file(encode_artifact(int8_artifact("store")), "t");
  std::get<TorchValue::Dict>(root.value)[0].second.value = std::string("int5_clean");
  const Bytes bytes = encode(parse_codec("zlib:1"), encode_torch_file(root));
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.info.ptz_layout, "unknown");
  EXPECT_EQ(summary.tensors[0].name, "quantized/tok_emb.weight");
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported, "format \"int5_clean\" found");
}

TEST(Ptz, RefusesATorchFileWithoutAKnownDictionary) {
  TorchValue root{.value = TorchValue::Dict{}};
  const Bytes zip = encode_torch_file(root);
  EXPECT_FALSE(is_artifact(identify(zip))) << "a checkpoint, as far as anyone can tell";
  EXPECT_GOLF_ERROR(decode_artifact(encode(parse_codec("zlib:9"), zip), "m.ptz"), ErrorCode::kUnsupported,
                    "none of the known dictionary layouts");
  EXPECT_GOLF_ERROR(decode_artifact(as_bytes("junk"), "m.ptz"), ErrorCode::kUnsupported, "m.ptz: neither");
}

}  // namespace
}  // namespace golf
