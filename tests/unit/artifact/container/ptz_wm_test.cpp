// The w/m dictionaries of PRs 262, 993 and 1046, written and read without any reference data.
#include <gtest/gtest.h>

#include <functional>

#include "container_models.h"
#include "golf/artifact/base/half.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/torch/torch_file.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

TorchValue text(const std::string& value) { return {.value = value}; }

/// Every kind of tensor: int6, int8, float16 that was float32, float32, integers.
Artifact entry_artifact(const std::string& recipe_name) {
  QuantRecipe recipe = load_recipe(recipe_name);
  recipe.keep_float_max = 100;
  TensorSet weights = test::random_weights(test::small_config());
  weights.add("counter", make_tensor<int64_t>(DType::kI64, {2}, std::vector<int64_t>{1, 2}));
  weights.add("small", make_tensor(DType::kF32, {3}));
  Artifact artifact;
  artifact.info.format = ArtifactFormat::kPtz;
  artifact.info.codec = parse_codec("store");
  artifact.info.ptz_layout = recipe.ptz_layout;
  artifact.model = quantize(weights, recipe, {});
  return artifact;
}

Dict& member(Dict& root, const std::string& key) {
  for (auto& [name, value] : root) {
    if (std::get<std::string>(name.value) == key) return std::get<Dict>(value.value);
  }
  throw std::out_of_range(key);
}
TorchValue& value_at(Dict& dict, const std::string& key) {
  for (auto& [name, value] : dict) {
    if (std::get<std::string>(name.value) == key) return value;
  }
  throw std::out_of_range(key);
}
void remove_key(Dict& dict, const std::string& key) {
  std::erase_if(dict, [&](const auto& entry) { return std::get<std::string>(entry.first.value) == key; });
}
std::vector<std::string> keys(const TorchValue& value) {
  std::vector<std::string> all;
  for (const auto& [key, inner] : std::get<Dict>(value.value))
    all.push_back(std::get<std::string>(key.value));
  return all;
}

Bytes edited(const std::string& recipe, const std::function<void(Dict&)>& edit) {
  TorchValue root = parse_torch_file(encode_artifact(entry_artifact(recipe)), "t");
  edit(std::get<Dict>(root.value));
  return encode(parse_codec("zlib:1"), encode_torch_file(root));
}

TEST(PtzWm, RoundTripsBothSpellings) {
  for (const std::string recipe : {"pr262", "pr993", "pr1046"}) {
    const Artifact artifact = entry_artifact(recipe);
    const Artifact decoded = decode_artifact(encode_artifact(artifact), "m.ptz");
    EXPECT_EQ(decoded.info.ptz_layout, recipe == "pr1046" ? "wm_s" : "wm_scale");
    test::expect_same_model(decoded.model, artifact.model);
  }
}

TEST(PtzWm, WritesTheKeysAndKindsOf262And993) {
  const TorchValue root = parse_torch_file(encode_artifact(entry_artifact("pr262")), "t");
  EXPECT_EQ(keys(root), (std::vector<std::string>{"w", "m"}));
  const std::vector<std::string> weights = keys(*root.find("w"));
  EXPECT_EQ(std::vector<std::string>(weights.begin(), weights.begin() + 3),
            (std::vector<std::string>{"skip_weights", "tok_emb.weight.q", "tok_emb.weight.scale"}));
  const TorchValue& kinds = *root.find("m");
  const auto type = [&](const std::string& name) {
    return std::get<std::string>(kinds.find(name)->find("type")->value);
  };
  EXPECT_EQ(type("tok_emb.weight"), "int8");
  EXPECT_EQ(type("blocks.0.attn.c_q.weight"), "int6");
  EXPECT_EQ(*kinds.find("small"), text("passthrough"));
  EXPECT_EQ(*kinds.find("counter"), text("passthrough"));
  Artifact with_control = entry_artifact("pr262");
  with_control.model.tensors.push_back({.name = "q_gain", .values = make_tensor(DType::kF32, {3})});
  const TorchValue other = parse_torch_file(encode_artifact(with_control), "t");
  EXPECT_EQ(*other.find("m")->find("q_gain"), text("passthrough_ctrl"));
}

TEST(PtzWm, WritesTheKeysAndKindsOf1046) {
  const TorchValue root = parse_torch_file(encode_artifact(entry_artifact("pr1046")), "t");
  EXPECT_EQ(keys(root), (std::vector<std::string>{"w", "m", "pt_dtypes"}));
  EXPECT_NE(root.find("w")->find("tok_emb.weight.s"), nullptr);
  const TorchValue& kinds = *root.find("m");
  EXPECT_EQ(*kinds.find("tok_emb.weight"), text("int8"));
  EXPECT_EQ(*kinds.find("blocks.0.attn.c_q.weight"), text("int6"));
  EXPECT_EQ(*kinds.find("skip_weights"), text("passthrough_fp16")) << "though it is float32";
  EXPECT_EQ(*kinds.find("counter"), text("passthrough"));
  EXPECT_EQ(keys(*root.find("pt_dtypes")), (std::vector<std::string>{"small"}));
}

TEST(PtzWm, ReadsTheKindsOfLaterEntries) {
  const Bytes bytes = edited("pr262", [](Dict& root) {
    value_at(member(root, "m"), "tok_emb.weight") = text("gptq (int8)");
    value_at(member(root, "m"), "small") = text("passthrough (float16)");
  });
  test::expect_same_model(decode_artifact(bytes, "m.ptz").model, entry_artifact("pr262").model);
}

TEST(PtzWm, TakesHalfTensorsForFull1046OnlyWhereItSaysSo) {
  const auto half = make_tensor(DType::kF16, {2});
  const auto original = [&](const std::string& recipe, const std::string& kind) {
    const Bytes bytes = edited(recipe, [&](Dict& root) {
      member(root, "w").emplace_back(text("half"), TorchValue{.value = half});
      member(root, "m").emplace_back(text("half"), text(kind));
    });
    return decode_artifact(bytes, "m.ptz").model.tensors.back().original_dtype;
  };
  EXPECT_EQ(original("pr262", "passthrough"), DType::kF32);
  EXPECT_EQ(original("pr1046", "passthrough_fp16"), DType::kF16);
}

void expect_refused(const std::string& recipe, const std::function<void(Dict&)>& edit, ErrorCode code,
                    const std::string& part) {
  EXPECT_GOLF_ERROR(decode_artifact(edited(recipe, edit), "m.ptz"), code, part);
}

TEST(PtzWm, RefusesTensorsThatDoNotFitTheirDescription) {
  expect_refused(
      "pr262", [](Dict& root) { remove_key(member(root, "w"), "tok_emb.weight.scale"); },
      ErrorCode::kCorruptData,
      "tensor \"tok_emb.weight\": \"tok_emb.weight.scale\" or \"tok_emb.weight.s\" expected");
  expect_refused(
      "pr262", [](Dict& root) { remove_key(member(root, "w"), "tok_emb.weight.q"); }, ErrorCode::kCorruptData,
      "w: \"tok_emb.weight.q\" is missing");
  expect_refused(
      "pr262", [](Dict& root) { remove_key(member(root, "w"), "small"); }, ErrorCode::kCorruptData,
      "w: \"small\" is missing");
  expect_refused(
      "pr262", [](Dict& root) { remove_key(member(root, "m"), "small"); }, ErrorCode::kCorruptData,
      "tensor \"small\" in w, but nothing in m uses it");
  expect_refused(
      "pr262",
      [](Dict& root) { member(root, "m").emplace_back(text("tok_emb.weight.q"), text("passthrough")); },
      ErrorCode::kCorruptData, "tensor \"tok_emb.weight.q\" has two uses in m");
  expect_refused(
      "pr262",
      [](Dict& root) {
        value_at(member(root, "w"), "tok_emb.weight.scale") = {.value = make_tensor(DType::kF16, {7})};
      },
      ErrorCode::kCorruptData, "tensor \"tok_emb.weight\": scales [96] expected, [7] found");
  expect_refused(
      "pr1046",
      [](Dict& root) {
        auto& scales = std::get<Tensor>(value_at(member(root, "w"), "tok_emb.weight.s").value);
        scales.values<uint16_t>()[3] = 0x7e00;
      },
      ErrorCode::kCorruptData, "tensor \"tok_emb.weight\": scales: element [3] is nan");
  expect_refused(
      "pr1046",
      [](Dict& root) {
        auto& q = std::get<Tensor>(value_at(member(root, "w"), "blocks.0.mlp.fc.weight.q").value);
        q.values<int8_t>()[0] = 32;
      },
      ErrorCode::kCorruptData, "tensor \"blocks.0.mlp.fc.weight\": values from -");
  expect_refused(
      "pr1046", [](Dict& root) { value_at(member(root, "w"), "small") = text("x"); }, ErrorCode::kCorruptData,
      "w: \"small\" is not a tensor");
  expect_refused(
      "pr1046", [](Dict& root) { member(root, "pt_dtypes").emplace_back(text("x"), text("float32")); },
      ErrorCode::kCorruptData, "pt_dtypes names tensor \"x\"");
}

TEST(PtzWm, RefusesKindsAndKeysItDoesNotKnow) {
  const auto with_kind = [](const TorchValue& kind) {
    return [kind](Dict& root) { value_at(member(root, "m"), "tok_emb.weight") = kind; };
  };
  expect_refused("pr262", with_kind(text("int3")), ErrorCode::kUnsupported,
                 "tensor \"tok_emb.weight\": kind \"int3\" found; int4 to int8");
  expect_refused("pr262", with_kind(text("gptq (int6)+nuq")), ErrorCode::kUnsupported, "gptq (int6)+nuq");
  expect_refused("pr262", with_kind(text("gptq (int8)+lqer")), ErrorCode::kCorruptData,
                 "\"tok_emb.weight.lqA\" is missing");
  expect_refused("pr262", with_kind({.value = int64_t{6}}), ErrorCode::kCorruptData,
                 "m: \"tok_emb.weight\" is not a string");
  expect_refused("pr262",
                 with_kind({.value = Dict{{text("type"), text("int8")}, {text("group"), text("64")}}}),
                 ErrorCode::kUnsupported, "a kind with only \"type\" expected, type, group found");
  expect_refused(
      "pr262", [](Dict& root) { root.emplace_back(text("perm"), text("x")); }, ErrorCode::kUnsupported,
      "m.ptz: key \"perm\" is not known");
}

TEST(PtzWm, RefusesToWriteWhatTheEntriesCannotLoad) {
  Artifact artifact = entry_artifact("pr262");
  artifact.model = quantize(test::random_weights(test::small_config()), load_recipe("mixed-int6"),
                            {.overrides = {parse_override("tok_emb=int5")}});
  for (const char* layout : {"wm_scale", "wm_s"}) {
    artifact.info.ptz_layout = layout;
    EXPECT_GOLF_ERROR(encode_artifact(artifact), ErrorCode::kUnsupported,
                      std::string("ptz layout ") + layout + " cannot hold int5 (tensor \"tok_emb.weight\")");
  }
}

}  // namespace
}  // namespace golf
