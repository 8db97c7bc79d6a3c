#include "golf/artifact/formats/checkpoint.h"

#include <gtest/gtest.h>

#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"
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

TEST(Checkpoint, RefusesEveryOtherKindByItsName) {
  const auto refused = [](std::string_view text, const std::string& reason) {
    EXPECT_GOLF_ERROR(parse_checkpoint(as_bytes(text), "c"), ErrorCode::kUnsupported,
                      "c: not a checkpoint: " + reason);
  };
  refused("\x01\x02\x03", "the content is neither safetensors nor a torch zip");
  refused("", "the file is empty");
  refused("plain text", "this is text");
  refused("\x78\xda", "this is a zlib stream that is damaged or cut short");
  refused("\x1f\x8b\x08", "this is a gzip stream: decompress it first");
  refused("{\"weight_map\": {}}", "this is the index of a checkpoint in parts");
  refused("def main():\n", "this is Python source");
}

TensorSet named(const std::vector<std::string>& names) {
  TensorSet tensors;
  float value = 0;
  for (const std::string& name : names) {
    tensors.add(name, make_tensor<float>(DType::kF32, {1}, std::vector<float>{++value}));
  }
  return tensors;
}

/// The names that a checkpoint with these names is read under, and the notes.
std::pair<std::vector<std::string>, std::vector<std::string>> read_as(const std::vector<std::string>& names) {
  const Checkpoint read = parse_checkpoint(encode_safetensors(named(names)), "c");
  std::pair<std::vector<std::string>, std::vector<std::string>> found;
  for (const auto& [name, tensor] : read.tensors) found.first.push_back(name);
  found.second = read.notes;
  return found;
}

TEST(Checkpoint, TakesOffThePrefixesOfWrappers) {
  using Names = std::vector<std::string>;
  for (const std::string prefix :
       {"module.", "_orig_mod.", "model.", "module._orig_mod.", "_orig_mod.module.model."}) {
    const auto [names, notes] = read_as({prefix + "a.weight", prefix + "b"});
    EXPECT_EQ(names, (Names{"a.weight", "b"}));
    EXPECT_EQ(notes, (Names{"the prefix \"" + prefix + "\" of all 2 names is taken off"}));
  }
  const auto [inside, notes] = read_as({"blocks.0._orig_mod.w", "blocks.1.w"});
  EXPECT_EQ(inside, (Names{"blocks.0.w", "blocks.1.w"}));
  EXPECT_EQ(notes, (Names{"\"_orig_mod.\" inside 1 of 2 names is taken off"}));
}

TEST(Checkpoint, LeavesNamesThatHaveNoCommonPrefix) {
  using Names = std::vector<std::string>;
  for (const Names& names : {Names{"module.a", "b"}, Names{"module.", "module.a"}, Names{"modules.a"},
                             Names{"x_orig_mod.a", "b"}}) {
    EXPECT_EQ(read_as(names), (std::pair(names, Names{})));
  }
  EXPECT_GOLF_ERROR(read_as({"a._orig_mod.b", "a.b"}), ErrorCode::kCorruptData, "\"a.b\" appears twice");
}

TorchValue dict_of(const TensorSet& tensors) {
  TorchValue::Dict dict;
  for (const auto& [name, tensor] : tensors) dict.push_back({{.value = name}, {.value = tensor}});
  return {.value = std::move(dict)};
}

TorchValue holding(std::vector<std::pair<std::string, TorchValue>> members) {
  TorchValue::Dict dict;
  for (auto& [name, value] : members) dict.push_back({{.value = name}, std::move(value)});
  return {.value = std::move(dict)};
}

TEST(Checkpoint, FindsTheOneNestedStateDict) {
  const TorchValue weights = dict_of(named({"w"}));
  const TorchValue moments = holding({{"0", holding({{"exp_avg", dict_of(named({"w"}))}})}});
  const TorchValue root = holding({{"step", {.value = int64_t{7}}},
                                   {"model", weights},
                                   {"empty", holding({})},
                                   {"optimizer", holding({{"state", moments}})}});
  const Checkpoint read = parse_checkpoint(encode_torch_file(root), "c");
  EXPECT_TRUE(read.tensors.contains("w"));
  EXPECT_EQ(read.notes, std::vector<std::string>{"its state dict \"model\" is read"});
  const TorchValue deep = holding({{"train", holding({{"net", weights}})}});
  EXPECT_EQ(parse_checkpoint(encode_torch_file(deep), "c").notes,
            std::vector<std::string>{"its state dict \"train.net\" is read"});
}

TEST(Checkpoint, LeavesTheChoiceAmongSeveralToTheCaller) {
  const TorchValue root = holding({{"model", dict_of(named({"module.w"}))},
                                   {"ema.0.99", dict_of(named({"w", "v"}))},
                                   {"train", holding({{"net", dict_of(named({"u"}))}})}});
  const Bytes bytes = encode_torch_file(root);
  EXPECT_GOLF_ERROR(parse_checkpoint(bytes, "c"), ErrorCode::kUnsupported,
                    "c: holds 2 state dicts: choose one with --key: model, ema.0.99");
  EXPECT_EQ(parse_checkpoint(bytes, "c", "ema.0.99").tensors.size(), 2U);
  EXPECT_TRUE(parse_checkpoint(bytes, "c", "model").tensors.contains("w"));
  EXPECT_TRUE(parse_checkpoint(bytes, "c", "train.net").tensors.contains("u"));
  EXPECT_GOLF_ERROR(parse_checkpoint(bytes, "c", "train"), ErrorCode::kInvalidArgument,
                    "c: --key train: this is no state dict: give one of model, ema.0.99");
  EXPECT_GOLF_ERROR(parse_checkpoint(bytes, "c", "x"), ErrorCode::kInvalidArgument,
                    "the file has no such key");
  EXPECT_GOLF_ERROR(parse_checkpoint(encode_checkpoint(sample()), "c", "x"), ErrorCode::kInvalidArgument,
                    "--key: a safetensors file has no nested state dicts");
}

}  // namespace
}  // namespace golf
