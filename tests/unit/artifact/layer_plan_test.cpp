#include "golf/artifact/spec/layer_plan.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/model_summary.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

using Blocks = std::vector<int64_t>;

Blocks blocks_of(const LayerPlan& plan, bool encoder) {
  Blocks blocks;
  for (size_t i = 0; i < plan.calls.size(); ++i) {
    if ((static_cast<int64_t>(i) < plan.encoder_calls) == encoder) blocks.push_back(plan.calls[i].block);
  }
  return blocks;
}

LayerPlan plan_of(const char* preset, bool recurrence = true) {
  return layer_plan(find_model_preset(preset)->model, recurrence);
}

TEST(LayerPlan, RunsEachBlockOnceWithoutRecurrence) {
  const LayerPlan plan = plan_of("baseline");
  EXPECT_EQ(blocks_of(plan, true), (Blocks{0, 1, 2, 3}));
  EXPECT_EQ(blocks_of(plan, false), (Blocks{4, 5, 6, 7, 8}));
  EXPECT_EQ(plan.skip_count(), 4);
  EXPECT_EQ(plan.calls[3].push, 3);
  EXPECT_EQ(plan.calls[4], (LayerCall{.block = 4, .pop = 3, .skip_row = 0}));
  EXPECT_EQ(plan.calls[7], (LayerCall{.block = 7, .pop = 0, .skip_row = 3}));
  EXPECT_EQ(plan.calls[8], (LayerCall{.block = 8}));
  ModelConfig straight;
  straight.unet_skips = false;
  EXPECT_EQ(layer_plan(straight).skip_count(), 0);
}

TEST(LayerPlan, RepeatsTheLoopedBlocksOfTheRecords) {
  EXPECT_EQ(blocks_of(plan_of("pr1394"), true), (Blocks{0, 1, 2, 3, 4, 5, 4}));
  EXPECT_EQ(blocks_of(plan_of("pr1394"), false), (Blocks{5, 4, 5, 6, 7, 8, 9, 10}));
  for (const char* preset : {"pr1493", "pr1855", "pr2135"}) {
    const LayerPlan plan = plan_of(preset);
    EXPECT_EQ(blocks_of(plan, true), (Blocks{0, 1, 2, 3, 4, 5, 3, 4})) << preset;
    EXPECT_EQ(blocks_of(plan, false), (Blocks{5, 3, 4, 5, 6, 7, 8, 9, 10})) << preset;
    EXPECT_EQ(plan.skip_count(), 8);
    EXPECT_EQ(plan.calls_of(4), 3);
    EXPECT_EQ(plan_of(preset, false).calls.size(), 11U);
    EXPECT_EQ(plan_of(preset, false).skip_count(), 5);
  }
}

TEST(LayerPlan, SaysWhichCallsAreParallelAndWhichHaveTwoLanes) {
  for (const LayerCall& call : plan_of("pr1493").calls) {
    EXPECT_EQ(call.layout, call.block >= 7 ? LaneLayout::kParallel : LaneLayout::kSerial);
  }
  for (const LayerCall& call : plan_of("pr1855").calls) {
    EXPECT_EQ(call.layout, call.block >= 8 ? LaneLayout::kTwoLanes : LaneLayout::kSerial);
  }
  EXPECT_FALSE(plan_of("pr1493").has_two_lanes());
  EXPECT_TRUE(plan_of("pr1855").has_two_lanes());
}

TEST(LayerPlan, IsPrintedForPeopleAndPrograms) {
  using Lines = std::vector<std::pair<std::string, std::string>>;
  const Lines lines = summarize_model(find_model_preset("pr1855-tiny")->model);
  EXPECT_EQ(lines.front().second, "7 layers, width 128, 4 heads (2 kv), MLP 512, vocabulary 8192");
  EXPECT_EQ(lines[1],
            std::pair(std::string("smear_gate"), std::string("variant per_token, window 12, bos_id 1")));
  EXPECT_EQ(Lines(lines.end() - 5, lines.end()),
            (Lines{{"layer plan", "11 calls of 7 blocks, 5 skips"},
                   {"encoder", "0 1 2 3 2"},
                   {"decoder", "3 2 3 4 5 6"},
                   {"parameters", "2315427 stored, 3038579 used in a forward pass"},
                   {"two lanes", "blocks 5 6, then their mean"}}));
  EXPECT_EQ(summarize_model({}).size(), 1U) << "the baseline needs no more";
  const Json json = to_json(plan_of("pr1855-tiny"));
  EXPECT_EQ(json.at("encoder_calls").as_int(), 5);
  EXPECT_EQ(json.at("merge").as_string(), "mean");
  EXPECT_EQ(json.at("calls").as_array()[9].dump(),
            R"({"block":5,"layout":"two_lanes","push":null,"pop":0,"skip_row":4})");
}

TEST(LayerPlan, RefusesARecurrenceThatIsNone) {
  const auto refused = [](const char* features, const char* message) {
    const Json json = parse_json(std::string("{\"model\":{") + features + "}}", "t");
    EXPECT_GOLF_ERROR(model_spec_from_json(json, "t"), ErrorCode::kInvalidArgument, message);
  };
  refused(R"("depth_recurrence":{"first_block":5,"last_block":3})",
          "model.depth_recurrence.first_block: 5 comes after last_block 3");
  refused(R"("depth_recurrence":{"first_block":3,"last_block":9})",
          "model.depth_recurrence.last_block: 9 is not between 0 and 8");
  refused(R"("depth_recurrence":{"loops":0})", "model.depth_recurrence.loops: 0");
  refused(R"("depth_recurrence":{},"parallel_residual":{"from_block":5,"layout":"two_lanes"})",
          "model.parallel_residual.from_block: block 3 runs on one lane after a call on two");
  refused(R"("parallel_residual":{"from_block":9})", "model.parallel_residual.from_block: 9");
  refused(R"("unet_skips":false,"gated_skips":{})", "model.gated_skips: needs model.unet_skips");
}

TEST(LayerPlan, CountsWhatAForwardPassUses) {
  const ModelConfig baseline;
  EXPECT_EQ(effective_parameter_count(baseline), parameter_count(baseline));
  const ModelConfig model = find_model_preset("pr1493")->model;
  const int64_t block = 2 * 512 * 512 + 2 * 256 * 512 + 2 * 2048 * 512 + 4 * 512 + 8;
  EXPECT_EQ(effective_parameter_count(model), parameter_count(model) + 6 * block);
}

/// Rows {"name", "shape"} or [name, shape], or an object name → shape or {"shape"}.
std::vector<std::pair<std::string, Shape>> rows_of(const Json& json) {
  std::vector<std::pair<std::string, Shape>> rows;
  const auto add = [&](const std::string& name, const Json& sizes) {
    Shape shape;
    for (const Json& size : sizes.as_array()) shape.push_back(size.as_int());
    rows.emplace_back(name, shape);
  };
  if (json.is_object()) {
    for (const auto& [name, value] : json.as_object()) add(name, value);
    return rows;
  }
  for (const Json& row : json.as_array()) {
    if (row.is_array()) {
      add(row.as_array()[0].as_string(), row.as_array()[1]);
    } else {
      add(row.at("name").as_string(), row.at("shape"));
    }
  }
  return rows;
}

std::vector<std::pair<std::string, Shape>> inventory_rows(const char* preset) {
  std::vector<std::pair<std::string, Shape>> rows;
  for (const TensorInfo& row : tensor_inventory(find_model_preset(preset)->model)) {
    rows.emplace_back(row.name, row.shape);
  }
  return rows;
}

// data/{pr1394,pr1493,pr1855,pr2135}: fullsize.json
TEST(RecordInventory, MatchesTheFullSizeStateDicts) {
  GOLF_NEED_REFERENCE_DATA();
  const auto full = [](const char* system) {
    return read_json_file(test::reference_data() + "/" + system + "/fullsize.json");
  };
  for (const char* system : {"pr1394", "pr1493"}) {
    EXPECT_EQ(inventory_rows(system), rows_of(full(system).at("tensors"))) << system;
    EXPECT_EQ(parameter_count(find_model_preset(system)->model), full(system).at("params").as_int());
  }
  for (const char* system : {"pr1855", "pr2135"}) {
    EXPECT_EQ(inventory_rows(system), rows_of(full(system).at("unbanked"))) << system;
    EXPECT_EQ(parameter_count(find_model_preset(system)->model), full(system).at("n_params").as_int());
  }
  for (const char* system : {"pr1945", "pr1953", "pr2014"}) {
    EXPECT_EQ(parameter_count(find_model_preset(system)->model), 35'945'673) << system;
  }
}

}  // namespace
}  // namespace golf
