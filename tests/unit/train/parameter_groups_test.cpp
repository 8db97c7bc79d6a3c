#include "golf/train/optim/parameter_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/train/config/train_config.h"
#include "support/reference_data.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

constexpr const char* kControls = "controls";

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

/// Of one group as the fixtures list it: names, or [name, shape] pairs.
std::vector<std::string> parameter_names(const Json& group) {
  std::vector<std::string> names;
  for (const Json& row : group.at("params").as_array()) {
    names.push_back(row.is_string() ? row.as_string() : row.as_array()[0].as_string());
  }
  return names;
}

TEST(ParameterGroups, EveryParameterIsInExactlyOneGroup) {
  for (const bool tied : {true, false}) {
    for (const bool skips : {true, false}) {
      const ModelConfig model{.tie_embeddings = tied, .unet_skips = skips};
      std::vector<std::string> grouped;
      for (const ParameterGroup& group : plan_parameter_groups(model, {})) {
        EXPECT_FALSE(group.parameters.empty());
        grouped.insert(grouped.end(), group.parameters.begin(), group.parameters.end());
      }
      std::vector<std::string> all = tensor_names(model);
      std::sort(all.begin(), all.end());
      std::sort(grouped.begin(), grouped.end());
      EXPECT_EQ(grouped, all);
    }
  }
}

TEST(ParameterGroups, AnUntiedModelHasItsOwnRatesForEmbeddingAndHead) {
  const auto groups = plan_parameter_groups({.num_layers = 2, .tie_embeddings = false}, {});
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].base_lr, 0.6);
  EXPECT_EQ(groups[1].name, "head");
  EXPECT_EQ(groups[1].base_lr, 0.008);
  EXPECT_EQ(groups[1].parameters, std::vector<std::string>{"lm_head.weight"});
  EXPECT_EQ(groups[2].optimizer, OptimizerKind::kMuon);
  EXPECT_EQ(groups[3].name, kControls);
  EXPECT_EQ(groups[3].parameters.back(), "skip_weights");
}

TEST(ParameterGroups, EveryParameterOfTheEntriesIsInExactlyOne) {
  for (const TrainPreset& preset : train_presets()) {
    const TrainConfig& config = preset.config;
    std::vector<std::string> grouped;
    for (const ParameterGroup& group : plan_parameter_groups(config.model, config.optimizer)) {
      grouped.insert(grouped.end(), group.parameters.begin(), group.parameters.end());
    }
    std::vector<std::string> trained;
    for (const TensorInfo& row : tensor_inventory(config.model)) {
      if (row.group != "none") trained.push_back(row.name);
    }
    EXPECT_EQ(sorted(grouped), sorted(trained)) << config.name;
  }
}

TEST(ParameterGroups, DepartFromTheCommonSettingsWhereTold) {
  OptimizerConfig optimizer;
  optimizer.adam.weight_decay = 0.1;
  optimizer.groups.controls = {.lr_scale = 0.5, .beta2 = 0.8, .weight_decay = 0.0};
  const auto groups = plan_parameter_groups({.num_layers = 2}, optimizer);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].adam, optimizer.adam);
  EXPECT_EQ(groups[2].base_lr, 0.02);
  EXPECT_EQ(groups[2].adam, (AdamConfig{.beta1 = 0.9, .beta2 = 0.8, .eps = 1e-8, .weight_decay = 0}));
}

/// Expects groups as an entry's program listed them: [{"optimizer": …, "base_lr": …, "params": […]}, …].
void expect_groups(const std::string& preset, std::vector<Json> expected, const OptimizerConfig& optimizer,
                   const ModelConfig& model) {
  const TrainConfig& config = test::train_preset(preset);
  for (const ParameterGroup& group : plan_parameter_groups(model, optimizer, config.mtp.heads)) {
    std::vector<std::string> theirs;
    for (const Json& row : expected) {
      if ((row.at("optimizer").as_string() == "Muon") != (group.optimizer == OptimizerKind::kMuon)) continue;
      const auto names = parameter_names(row);
      if (std::find(group.parameters.begin(), group.parameters.end(), names[0]) == group.parameters.end()) {
        continue;
      }
      // One of our groups may be several of theirs on the same terms.
      theirs.insert(theirs.end(), names.begin(), names.end());
      EXPECT_NEAR(group.base_lr, row.at("base_lr").as_double(), 1e-12) << preset << " " << group.name;
      if (group.optimizer == OptimizerKind::kMuon) {
        const Json* decay = row.find("weight_decay");
        if (decay != nullptr && decay->is_number()) {
          EXPECT_EQ(optimizer.muon.weight_decay, decay->as_double());
        }
      } else {
        EXPECT_EQ(group.adam.beta1, row.at("betas").as_array()[0].as_double()) << group.name;
        EXPECT_EQ(group.adam.beta2, row.at("betas").as_array()[1].as_double()) << group.name;
        EXPECT_EQ(group.adam.eps, row.at("eps").as_double());
        EXPECT_EQ(group.adam.weight_decay, row.at("weight_decay").as_double()) << group.name;
      }
    }
    EXPECT_EQ(sorted(group.parameters), sorted(theirs)) << preset << " " << group.name;
  }
}

TEST(ParameterGroups, AreTheEntries) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data();
  const auto check = [](const std::string& preset, const Json& expected) {
    const TrainConfig& config = test::train_preset(preset);
    expect_groups(preset, expected.as_array(), config.optimizer, config.model);
  };
  check("pr88-tiny", read_json_file(folder + "/pr88/optim_groups.json"));
  check("pr1046-tiny", read_json_file(folder + "/pr1046/optim_groups.json"));
  check("pr192-tiny", read_json_file(folder + "/pr192/trajectory.json").at("optimizer_groups"));
  check("pr262-tiny", read_json_file(folder + "/pr262/trajectory.json").at("optimizer_groups"));
  const TrainConfig& pr192 = test::train_preset("pr192-tiny");
  ModelConfig with_bigram = pr192.model;
  with_bigram.features.set("bigram_hash", {{"site", "every_layer"}, {"buckets", 512}, {"dim", 128}});
  expect_groups("pr192-tiny",
                read_json_file(folder + "/pr192/alt_trajectory.json").at("optimizer_groups").as_array(),
                pr192.optimizer, with_bigram);
}

TEST(ParameterGroups, AreTheRecordsOfApril) {
  GOLF_NEED_REFERENCE_DATA();
  for (const std::string name : {"pr1394", "pr1493"}) {
    const TrainConfig& config = test::train_preset(name);
    std::map<std::string, std::vector<std::string>> expected;
    const Json file = read_json_file(test::reference_data() + "/" + name + "/fullsize.json");
    for (const Json& row : file.at("tensors").as_array()) {
      expected[row.at("optimiser").as_string()].push_back(row.at("name").as_string());
    }
    const auto groups = plan_parameter_groups(config.model, config.optimizer);
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(sorted(groups[0].parameters), sorted(expected["AdamW token"]));
    EXPECT_EQ(groups[0].adam.weight_decay, 0.085);
    EXPECT_EQ(groups[0].base_lr, 0.03);
    EXPECT_EQ(sorted(groups[1].parameters), sorted(expected["Muon"]));
    EXPECT_EQ(sorted(groups[2].parameters), sorted(expected["AdamW scalar"]));
    EXPECT_EQ(groups[2].adam.weight_decay, 0.02);
    EXPECT_EQ(groups[2].base_lr, 0.02);
  }
}

TEST(ParameterGroups, AreTheReferencesInItsOrder) {
  GOLF_NEED_REFERENCE_DATA();
  const auto groups = plan_parameter_groups(find_model_preset("baseline-tiny")->model, {});
  const auto expected = read_json_file(test::reference_data() + "/reference/optim_groups.json").as_array();
  ASSERT_EQ(groups.size(), expected.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].optimizer == OptimizerKind::kMuon, expected[i].at("optimizer").as_string() == "Muon");
    EXPECT_EQ(groups[i].base_lr, expected[i].at("base_lr").as_double());
    EXPECT_EQ(groups[i].parameters, parameter_names(expected[i]));
  }
}

}  // namespace
}  // namespace golf
