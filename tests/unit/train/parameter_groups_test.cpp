#include "golf/train/optim/parameter_groups.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "support/reference_data.h"

namespace golf {
namespace {

constexpr const char* kControls = "controls";

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

TEST(ParameterGroups, AreTheReferencesInItsOrder) {
  GOLF_NEED_REFERENCE_DATA();
  const auto groups = plan_parameter_groups(find_model_preset("baseline-tiny")->model, {});
  const auto expected = read_json_file(test::reference_data() + "/reference/optim_groups.json").as_array();
  ASSERT_EQ(groups.size(), expected.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].optimizer == OptimizerKind::kMuon, expected[i].at("optimizer").as_string() == "Muon");
    EXPECT_EQ(groups[i].base_lr, expected[i].at("base_lr").as_double());
    std::vector<std::string> names;
    for (const Json& row : expected[i].at("params").as_array())
      names.push_back(row.as_array()[0].as_string());
    EXPECT_EQ(groups[i].parameters, names);
  }
}

}  // namespace
}  // namespace golf
