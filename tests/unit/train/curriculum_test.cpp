#include "golf/train/curriculum/curriculum.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/train/config/train_config.h"
#include "golf/train/data/document_loader.h"
#include "golf/train/optim/schedule.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

using Stages = std::vector<SeqLenStage>;

TEST(Curriculum, TurnsRecurrenceOnForGood) {
  Curriculum curriculum({.recurrence_start = 0.35}, 64);
  EXPECT_FALSE(curriculum.state().recurrence);
  EXPECT_FALSE(curriculum.begin_step(0, 0.0).recurrence);
  EXPECT_FALSE(curriculum.begin_step(1, 0.349).recurrence);
  EXPECT_TRUE(curriculum.begin_step(2, 0.35).recurrence);
  EXPECT_FALSE(curriculum.begin_step(3, 0.4).recurrence);  // it is on already
  EXPECT_TRUE(curriculum.state().recurrence);
  curriculum.begin_step(4, 0.2);  // of a run that went on to a later end
  EXPECT_TRUE(curriculum.state().recurrence);
}

TEST(Curriculum, RecurrenceIsOnFromTheBeginningUnlessToldOtherwise) {
  Curriculum curriculum({}, 64);
  EXPECT_TRUE(curriculum.state().recurrence);
  EXPECT_FALSE(curriculum.begin_step(0, 0.0).recurrence);
  EXPECT_TRUE(CurriculumState{}.recurrence);  // of a checkpoint from before there were curricula
}

TEST(Curriculum, GrowsAndRewarmsTheRatesFromEachChangeOn) {
  Curriculum curriculum({.seq_lens = "16@0.2,64@1", .rewarm_steps = 4}, 64);
  std::vector<int64_t> lengths;
  std::vector<double> factors;
  std::vector<int64_t> changes;
  for (int64_t step = 0; step < 10; ++step) {
    if (curriculum.begin_step(step, static_cast<double>(step) / 10).seq_len) changes.push_back(step);
    lengths.push_back(curriculum.state().seq_len);
    factors.push_back(curriculum.rate_factor(step));
  }
  EXPECT_EQ(lengths, (std::vector<int64_t>{16, 16, 16, 64, 64, 64, 64, 64, 64, 64}));
  EXPECT_EQ(factors, (std::vector<double>{1, 1, 1, 0.25, 0.5, 0.75, 1, 1, 1, 1}));
  EXPECT_EQ(changes, std::vector<int64_t>{3});
}

TEST(Curriculum, GoesOnFromASavedState) {
  const CurriculumConfig config = {.recurrence_start = 0.4, .seq_lens = "16@0.2,64@1", .rewarm_steps = 5};
  Curriculum whole(config, 64);
  for (int64_t cut = 0; cut < 10; ++cut) {
    whole.begin_step(cut, static_cast<double>(cut) / 10);
    Curriculum resumed(config, 64), same = whole;
    resumed.set_state(whole.state());
    for (int64_t step = cut + 1; step < 10; ++step) {
      const Curriculum::Change a = same.begin_step(step, static_cast<double>(step) / 10);
      const Curriculum::Change b = resumed.begin_step(step, static_cast<double>(step) / 10);
      EXPECT_EQ(a.seq_len, b.seq_len);
      EXPECT_EQ(a.recurrence, b.recurrence);
      EXPECT_EQ(same.state(), resumed.state());
      EXPECT_EQ(same.rate_factor(step), resumed.rate_factor(step));
    }
  }
}

TEST(SeqLenStages, AreSortedByTheirSharesAndReachToTheEnd) {
  const auto stages = [](const char* text) { return seq_len_stages({.seq_lens = text}, 64); };
  EXPECT_EQ(stages(""), (Stages{{1, 64}}));
  EXPECT_EQ(stages(" , "), (Stages{{1, 64}}));
  EXPECT_EQ(stages("512@0.9, 256@0.2"), (Stages{{0.2, 256}, {0.9, 512}, {1, 512}}));
  EXPECT_EQ(stages("256@.5,128@0.5,"), (Stages{{0.5, 256}, {0.5, 128}, {1, 128}}));
  for (const char* bad :
       {"1024", "1024@0.35x", "x@0.5", "0@0.5", "-1@0.5", "64@0.0", "64@1.01", "64@nan", "@1"}) {
    EXPECT_GOLF_ERROR(stages(bad), ErrorCode::kInvalidArgument, "is not LENGTH@SHARE");
  }
}

TEST(SeqLenStages, BelongToDocumentsAndTheirLongestIsTheDatas) {
  TrainConfig config;
  config.curriculum.seq_lens = "512@0.5,1024@1";
  EXPECT_GOLF_ERROR(validate(config), ErrorCode::kInvalidArgument, "set data.order=documents");
  config.data.order = DataOrder::kDocuments;
  EXPECT_NO_THROW(validate(config));
  config.data.seq_len = 2048;
  EXPECT_GOLF_ERROR(validate(config), ErrorCode::kInvalidArgument,
                    "curriculum.seq_lens: the longest length is 1024, data.seq_len is 2048");
}

TEST(SeqLenStages, ReproduceTheReferencePlansAndLookups) {
  GOLF_NEED_REFERENCE_DATA();
  const Json file = read_json_file(test::reference_data() + "/pr2135/progressive_context.json");
  for (const Json& example : file.at("parse_cases").as_array()) {
    const CurriculumConfig config{.seq_lens = example.at("text").as_string()};
    const int64_t usual = example.at("default").as_int();
    const Json& plan = example.at("plan_of_threshold_and_length");
    if (plan.is_string()) {
      EXPECT_GOLF_ERROR(seq_len_stages(config, usual), ErrorCode::kInvalidArgument, "is not LENGTH@SHARE");
      continue;
    }
    Stages expected;
    for (const Json& stage : plan.as_array()) {
      expected.push_back({stage.as_array()[0].as_double(), stage.as_array()[1].as_int()});
    }
    EXPECT_EQ(seq_len_stages(config, usual), expected) << config.seq_lens;
  }
  for (const Json& example : file.at("lookup").as_array()) {
    Curriculum curriculum({.seq_lens = "1024@0.100,2048@0.700,3072@1.000"}, 3072);
    ScheduleConfig schedule{.iterations = 20'000, .max_wallclock_seconds = 0};
    double train_ms = 0;
    if (const Json* elapsed = example.find("elapsed_ms")) {
      schedule.max_wallclock_seconds = example.at("cap_ms").as_double() / 1000;
      train_ms = elapsed->as_double();
    }
    const Json* step = example.find("step");
    const double progress = run_progress(schedule, step == nullptr ? 0 : step->as_int(), train_ms);
    EXPECT_EQ(progress, example.at("progress").as_double());
    curriculum.begin_step(0, progress);
    EXPECT_EQ(curriculum.state().seq_len, example.at("seq_len").as_int());
  }
}

TEST(Curriculum, FollowsTheReferenceRunToItsTokensAndRates) {
  GOLF_NEED_REFERENCE_DATA();
  const Json run = read_json_file(test::reference_data() + "/pr2135/progressive_context.json").at("loop_run");
  DocumentLoader loader(
      ShardStream(find_shards(test::reference_data() + "/fineweb_caseops", kTrainingShards), 8192),
      /*bos_id=*/1, /*micro_batch_tokens=*/384, /*grad_accum_steps=*/8);
  Curriculum curriculum({.recurrence_start = 0.35, .seq_lens = "64@0.2,128@0.6,384@1.0", .rewarm_steps = 4},
                        384);
  size_t micro_batch = 0;
  for (const Json& step : run.at("steps").as_array()) {
    const int64_t index = step.at("step").as_int();
    const double progress = step.at("frac").as_double();
    if (curriculum.begin_step(index, progress).seq_len) {
      loader.next();  // what the program had read ahead
      loader.next();
    }
    EXPECT_EQ(curriculum.state().seq_len, step.at("seq_len").as_int()) << index;
    EXPECT_EQ(curriculum.state().recurrence, step.at("looping").as_bool()) << index;
    const double warmdown = progress < 1 - 0.85 ? 1.0 : std::max((1 - progress) / 0.85, 0.1);
    EXPECT_NEAR(warmdown * curriculum.rate_factor(index), step.at("lr_multiplier").as_double(), 1e-9)
        << index;
    for (int i = 0; i < 8; ++i) {
      const TokenBatch batch = loader.next();
      const std::vector<int64_t> bounds = document_bounds(batch.inputs(0), 1, curriculum.state().seq_len);
      const Json& expected = run.at("micro_batches").as_array()[micro_batch++];
      uint64_t sum = 0;
      for (const uint16_t token : batch.inputs(0)) sum += token;
      EXPECT_EQ(sum, expected.at("x_sum").as_uint()) << micro_batch;
      EXPECT_EQ(bounds.size() - 1, expected.at("segments").as_uint()) << micro_batch;
      int64_t longest = 0;
      for (size_t b = 1; b < bounds.size(); ++b) longest = std::max(longest, bounds[b] - bounds[b - 1]);
      EXPECT_EQ(longest, expected.at("longest").as_int()) << micro_batch;
    }
  }
  EXPECT_EQ(micro_batch, 80U);
}

}  // namespace
}  // namespace golf
