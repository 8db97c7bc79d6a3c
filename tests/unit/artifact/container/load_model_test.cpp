#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "container_models.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

ModelSpec small_spec() { return {.model = test::small_config(), .eval = {}}; }

void expect_inventory_order(const TensorSet& tensors, const ModelConfig& config) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  EXPECT_EQ(names, tensor_names(config));
}

TEST(LoadModel, ReadsAnArtifactWithItsOwnSpec) {
  const test::TempDir dir;
  const Artifact artifact = test::small_artifact();
  const Bytes bytes = encode_artifact(artifact);
  write_file_atomic(dir.file("m.golf"), bytes);
  const LoadedModel loaded = load_model(dir.file("m.golf"), std::nullopt);
  EXPECT_EQ(loaded.spec, artifact.info.spec);
  EXPECT_EQ(loaded.artifact->info.recipe, "mixed-int6");
  EXPECT_EQ(loaded.file_bytes, bytes.size());
  expect_inventory_order(loaded.tensors, test::small_config());
  for (const StoredTensor& stored : artifact.model.tensors) {
    EXPECT_EQ(loaded.tensors.at(stored.name), dequantize(stored)) << stored.name;
  }
}

TEST(LoadModel, PutsACheckpointIntoInventoryOrder) {
  const TensorSet weights = test::random_weights(test::small_config());
  Checkpoint shuffled;
  std::vector<std::string> names = tensor_names(test::small_config());
  std::reverse(names.begin(), names.end());
  for (const std::string& name : names) shuffled.tensors.add(name, weights.at(name));
  const Bytes without_spec = encode_checkpoint(shuffled);
  EXPECT_FALSE(load_model(without_spec, "c", std::nullopt).spec.has_value());
  const LoadedModel loaded = load_model(without_spec, "c", small_spec());
  EXPECT_FALSE(loaded.artifact.has_value());
  expect_inventory_order(loaded.tensors, test::small_config());

  shuffled.spec = small_spec();
  EXPECT_EQ(load_model(encode_checkpoint(shuffled), "c", std::nullopt).spec, small_spec());
}

TEST(LoadModel, RemembersTheBanksAndTheTokenizerOfACheckpoint) {
  Checkpoint checkpoint;
  checkpoint.tensors.add("tok_emb.weight", make_tensor(DType::kF32, {5, 4}));
  checkpoint.tensors.add("mlp_up_bank", make_tensor(DType::kF32, {3, 8, 4}));
  checkpoint.tensors.metadata[kTokenizerKey] = "abc";
  const LoadedModel loaded = load_model(encode_checkpoint(checkpoint), "c", std::nullopt);
  EXPECT_EQ(loaded.tensors.at("blocks.2.mlp.fc.weight").shape, (Shape{8, 4}));
  EXPECT_EQ(loaded.own_tensors().at("mlp_up_bank").shape, (Shape{3, 8, 4}));
  EXPECT_EQ(loaded.own_tensors().size(), 2U);
  EXPECT_EQ(loaded.tokenizer_sha256(), "abc");
}

TEST(LoadModel, GivesBackTheBanksThatAnArtifactRecords) {
  Artifact artifact = test::small_artifact();
  EXPECT_EQ(load_model(encode_artifact(artifact), "m.golf", std::nullopt).banks, std::vector<std::string>());
  artifact.info.banks = {"mlp_up_bank"};
  artifact.info.provenance[kTokenizerKey] = "abc";
  const LoadedModel loaded = load_model(encode_artifact(artifact), "m.golf", std::nullopt);
  EXPECT_EQ(loaded.banks, artifact.info.banks);
  EXPECT_EQ(loaded.own_tensors().at("mlp_up_bank").shape, (Shape{2, 64, 32}));
  EXPECT_FALSE(loaded.own_tensors().contains("blocks.0.mlp.fc.weight"));
  EXPECT_EQ(loaded.tokenizer_sha256(), "abc");

  artifact.info.banks = {"gate_bank"};
  EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m.golf", std::nullopt), ErrorCode::kUnsupported,
                    "parameter bank \"gate_bank\"");
}

TEST(LoadModel, LetsTheOverrideWinAndChecksAgainstIt) {
  ModelSpec other = small_spec();
  other.model.vocab_size = 97;
  EXPECT_GOLF_ERROR(load_model(encode_artifact(test::small_artifact()), "m.golf", other),
                    ErrorCode::kMismatch,
                    "m.golf: tensor \"tok_emb.weight\": shape [97, 32] expected, [96, 32] found");
}

TEST(LoadModel, RefusesValuesThatAreNotFinite) {
  Artifact artifact = test::small_artifact();
  artifact.model.tensors[0].values.values<uint16_t>()[3] = 0x7e00;
  EXPECT_GOLF_ERROR(load_model(encode_artifact(artifact), "m.golf", std::nullopt), ErrorCode::kCorruptData,
                    "m.golf: tensor \"skip_weights\": element [0, 3] is nan, finite values expected");
}

TEST(LoadModel, NamesThePathInEveryError) {
  const test::TempDir dir;
  write_file_atomic(dir.file("junk"), as_bytes("not a model at all, just text"));
  for (const char* name : {"junk", "absent"}) {
    try {
      load_model(dir.file(name), std::nullopt);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind(dir.file(name), 0), 0U) << error.what();
    }
  }
}

TEST(LoadModel, SaysWhatATokenShardIs) {
  EXPECT_GOLF_ERROR(load_model(encode_token_shard(std::vector<uint16_t>{1, 2}), "c.bin", std::nullopt),
                    ErrorCode::kUnsupported, "c.bin: not a checkpoint: this is a token shard");
}

TEST(LoadModel, TakesAHeadWithTheEmbeddingsValuesAsTied) {
  Checkpoint checkpoint{.tensors = test::random_weights(test::small_config())};
  const Tensor table = checkpoint.tensors.at("tok_emb.weight");
  checkpoint.tensors.add("lm_head.weight", table);
  for (const std::optional<ModelSpec>& spec : {std::optional<ModelSpec>(), std::optional(small_spec())}) {
    const LoadedModel loaded = load_model(encode_checkpoint(checkpoint), "c", spec);
    EXPECT_FALSE(loaded.tensors.contains("lm_head.weight"));
    EXPECT_EQ(loaded.own_tensors().at("lm_head.weight"), table);
    ASSERT_EQ(loaded.notes.size(), 1U);
    EXPECT_EQ(loaded.notes[0], "lm_head.weight has the values of tok_emb.weight: the two are taken as tied");
  }
  ModelSpec untied = small_spec();
  untied.model.tie_embeddings = false;
  EXPECT_TRUE(load_model(encode_checkpoint(checkpoint), "c", untied).tensors.contains("lm_head.weight"));

  checkpoint.tensors.find("lm_head.weight")->values<float>()[0] += 1;
  EXPECT_TRUE(
      load_model(encode_checkpoint(checkpoint), "c", std::nullopt).tensors.contains("lm_head.weight"));
  EXPECT_GOLF_ERROR(load_model(encode_checkpoint(checkpoint), "c", small_spec()), ErrorCode::kMismatch,
                    "differs from tok_emb.weight, but the configuration ties them");
}

}  // namespace
}  // namespace golf
