#include "golf/train/config/train_config.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/train/config/config_builder.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

std::string origin_of(const ConfigBuilder& builder, const std::string& key) {
  for (const ConfigEntry& entry : builder.entries()) {
    if (entry.key == key) return entry.value.dump() + " from " + entry.origin;
  }
  return "absent";
}

TEST(TrainConfig, EveryPresetIsValidAndSurvivesJson) {
  for (const TrainPreset& preset : train_presets()) {
    validate(preset.config);
    EXPECT_EQ(from_json<TrainConfig>(to_json(preset.config), "preset"), preset.config) << preset.config.name;
    EXPECT_EQ(&test::train_preset(preset.config.name), &preset.config);
  }
}

TEST(TrainConfig, IsAModelConfigurationForTheOtherTools) {
  for (const TrainPreset& preset : train_presets()) {
    EXPECT_EQ(model_spec_from_json(to_json(preset.config), "preset"), preset.config.spec());
  }
}

TEST(TrainConfig, SamplesAndParityConfigurationsAreWhatTheyClaim) {
  EXPECT_EQ(ConfigBuilder(test::source_file("samples/configs/baseline-cpu.json")).build(),
            test::train_preset("baseline-cpu"));
  ConfigBuilder mixed("pr993");
  mixed.add(test::source_file("samples/configs/qat_pr192.json"));
  EXPECT_EQ(mixed.build().qat.matrices, test::train_preset("pr192").qat.matrices);
  EXPECT_EQ(mixed.build().model, test::train_preset("pr993").model);
  for (const char* system : {"reference", "pr88", "pr192", "pr262", "pr993", "pr1046"}) {
    const std::string name = system;
    TrainConfig expected = test::train_preset(name == "reference" ? "baseline-tiny" : name + "-tiny");
    expected.name = name;
    EXPECT_EQ(ConfigBuilder(test::source_file("tests/parity/configs/" + name + ".json")).build(), expected);
  }
}

TEST(TrainConfig, NamesTheFieldThatIsWrong) {
  const auto config_with = [](auto change) {
    TrainConfig config;
    change(config);
    return config;
  };
  EXPECT_GOLF_ERROR(validate(config_with([](TrainConfig& c) { c.data.batch_tokens = 1000; })),
                    ErrorCode::kInvalidArgument,
                    "data.batch_tokens: 1000 tokens over 8 gradient accumulation steps is 125 each");
  EXPECT_GOLF_ERROR(validate(config_with([](TrainConfig& c) { c.optimizer.matrix_lr = -1; })),
                    ErrorCode::kInvalidArgument, "optimizer.matrix_lr: -1");
  EXPECT_GOLF_ERROR(validate(config_with([](TrainConfig& c) { c.training.dtype = "fp8"; })),
                    ErrorCode::kInvalidArgument, "training.dtype: \"fp8\" is not one of: auto, fp32, bf16");
  EXPECT_GOLF_ERROR(validate(config_with([](TrainConfig& c) { c.model.num_heads = 7; })),
                    ErrorCode::kInvalidArgument, "model.num_heads: 7 does not divide");
}

TEST(ConfigBuilder, LaterLayersWinAndEachValueKnowsItsOrigin) {
  ConfigBuilder builder("baseline-tiny");
  builder.set_assignment("optimizer.muon.momentum=0.5", "--set");
  builder.set("schedule.iterations", "7", "--iterations");
  builder.set_assignment("export.codec=zstd:19", "--set");
  const TrainConfig config = builder.build();
  EXPECT_EQ(config.optimizer.muon.momentum, 0.5);
  EXPECT_EQ(config.schedule.iterations, 7);
  EXPECT_EQ(config.export_.codec, "zstd:19");
  EXPECT_EQ(config.model.num_layers, 5);
  EXPECT_EQ(origin_of(builder, "optimizer.muon.momentum"), "0.5 from --set");
  EXPECT_EQ(origin_of(builder, "schedule.iterations"), "7 from --iterations");
  EXPECT_EQ(origin_of(builder, "model.num_layers"), "5 from preset baseline-tiny");
  EXPECT_EQ(origin_of(builder, "optimizer.matrix_lr"), "0.04 from default");
}

TEST(ConfigBuilder, ReadsAFileAndKeepsDefaultsForTheRest) {
  const test::TempDir dir;
  const std::string path = dir.file("run.json");
  write_file_atomic(path, as_bytes(R"({"name":"mine","data":{"seq_len":128}})"));
  ConfigBuilder builder(path);
  EXPECT_EQ(builder.build().data.seq_len, 128);
  EXPECT_EQ(builder.build().model, ModelConfig{});
  EXPECT_EQ(origin_of(builder, "data.seq_len"), "128 from " + path);
}

TEST(ConfigBuilder, LaysFilesOverPresets) {
  const test::TempDir dir;
  const std::string path = dir.file("edit.json");
  write_file_atomic(path,
                    as_bytes(R"({"qat":{"method":"fake_quant","matrices":["blocks."],"start_lr_below":0},
                                       "model":{"bigram_hash":{"buckets":64},"value_embedding":null}})"));
  ConfigBuilder builder("pr993");
  builder.add(path);
  const TrainConfig config = builder.build();
  EXPECT_EQ(config.qat.matrices, std::vector<std::string>{"blocks."});
  EXPECT_EQ(config.qat.bits, 6);
  EXPECT_EQ(config.model.features.find("bigram_hash")->integer("buckets"), 64);
  EXPECT_EQ(config.model.features.find("bigram_hash")->integer("dim"), 128);
  EXPECT_FALSE(config.model.features.has("value_embedding"));
  EXPECT_EQ(config.weights.ema.decay, 0.997);
  EXPECT_EQ(origin_of(builder, "model.bigram_hash.buckets"), "64 from " + path);
  EXPECT_EQ(origin_of(builder, "weights.ema.decay"), "0.997 from preset pr993");
}

TEST(ConfigBuilder, SuggestsWhatWasMeant) {
  EXPECT_GOLF_ERROR(ConfigBuilder("basline"), ErrorCode::kInvalidArgument, "did you mean \"baseline\"?");
  ConfigBuilder misspelt("baseline");
  misspelt.set_assignment("optimizer.matrx_lr=0.1", "--set");
  EXPECT_GOLF_ERROR(misspelt.build(), ErrorCode::kInvalidArgument,
                    "unknown key \"matrx_lr\": did you mean \"matrix_lr\"?");
  ConfigBuilder builder("baseline");
  EXPECT_GOLF_ERROR(builder.set_assignment("seed", "--set"), ErrorCode::kInvalidArgument,
                    "--set seed: has no \"=\"");
  EXPECT_GOLF_ERROR(builder.set_assignment("name.x=1", "--set"), ErrorCode::kInvalidArgument,
                    "\"name\" is not a section");
  EXPECT_GOLF_ERROR(builder.set_assignment("data..x=1", "--set"), ErrorCode::kInvalidArgument,
                    "is not a section");
  ConfigBuilder mistyped("baseline");
  mistyped.set_assignment("schedule.iterations=many", "--set");
  EXPECT_GOLF_ERROR(mistyped.build(), ErrorCode::kInvalidArgument, "schedule.iterations");
}

}  // namespace
}  // namespace golf
