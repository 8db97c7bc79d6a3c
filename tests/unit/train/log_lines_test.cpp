#include "golf/train/run/log_lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/train/config/config_builder.h"
#include "support/reference_data.h"

namespace golf {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  const Bytes bytes = read_file(path);
  std::istringstream text{std::string(as_text(bytes))};
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(LogLines, TheReferencesLogIsReproduced) {
  GOLF_NEED_REFERENCE_DATA();
  const std::vector<std::string> log = lines_of(test::reference_data() + "/reference/log_traj60_std.txt");
  const TrainConfig config = ConfigBuilder(test::source_file("tests/parity/configs/reference.json")).build();
  std::vector<std::string> mine = log_lines::header(config, {.tokenizer_path = "fineweb_1024_bpe.model",
                                                             .dataset_name = "dev",
                                                             .train_shards = 1,
                                                             .val_pattern = "fineweb_val_*.bin",
                                                             .val_tokens = 131'072,
                                                             .parameters = 707'348,
                                                             .flash = true});
  mine.push_back(log_lines::warmup_step(1, 2));
  mine.push_back(log_lines::train_step(10, 60, 5.69654, 23'481.2));
  mine.push_back(log_lines::validation(60, 60, 5.17839, 3.09931, 132'253.2));
  mine.push_back(log_lines::peak_memory(0, 0));
  for (const std::string& line : log_lines::sizes({.checkpoint = 2'848'047,
                                 .code = 47'686,
                                 .artifact = 1'192'511,
                                 .payload = 1'291'344,
                                 .raw = 1'307'908,
                                 .original = 2'829'392},
                                                  "int8", "zlib")) {
    mine.push_back(line);
  }
  for (const std::string& line : log_lines::roundtrip("int8", "zlib", 5.178086757, 3.099108648, 30'297)) {
    mine.push_back(line);
  }
  for (const std::string& line : mine) {
    EXPECT_NE(std::find(log.begin(), log.end(), line), log.end()) << "not in the log: " << line;
  }
}

TEST(LogLines, AnUntiedModelShowsItsHeadsRate) {
  TrainConfig config;
  config.model.tie_embeddings = false;
  config.schedule.max_wallclock_seconds = 12.5;
  const std::vector<std::string> lines = log_lines::header(config, {});
  EXPECT_EQ(lines[7], "tie_embeddings:False embed_lr:0.6 head_lr:0.008 matrix_lr:0.04 scalar_lr:0.04");
  EXPECT_EQ(lines[8],
            "train_batch_tokens:524288 train_seq_len:1024 iterations:20000 warmup_steps:20 "
            "max_wallclock_seconds:12.500");
}

TEST(LogLines, LongWarmUpsLogEveryTenthStepAndTheLast) {
  EXPECT_TRUE(log_lines::logs_warmup_step(3, 20));
  EXPECT_FALSE(log_lines::logs_warmup_step(3, 25));
  EXPECT_TRUE(log_lines::logs_warmup_step(10, 25));
  EXPECT_TRUE(log_lines::logs_warmup_step(25, 25));
}

TEST(LogLines, TellDepthRecurrenceAsTheRecordsDo) {
  const LayerPlan plan = layer_plan(find_model_preset("pr1855-tiny").value().model);
  const std::string order = "encoder:[0, 1, 2, 3, 2] decoder:[3, 2, 3, 4, 5, 6]";
  EXPECT_EQ(log_lines::recurrence_started(21, 0.35, plan), "layer_loop:enabled step:21 frac:0.350 " + order);
  EXPECT_EQ(log_lines::loop_warmup(plan), "loop_warmup:enabled " + order);
  EXPECT_EQ(log_lines::loop_warmup_step(3, 20), "loop_warmup_step: 3/20");
  EXPECT_EQ(log_lines::seq_len_changed(646, 0.1, 2048), "train_seq_len:2048 step:646 frac:0.100");
}

TEST(LogLines, NamesTheEarlyStop) {
  EXPECT_EQ(log_lines::stopping_early(600'000.4, 1234, 20'000),
            "stopping_early: wallclock_cap train_time:600000ms step:1234/20000");
}

TEST(LogLines, SayUtilizationWhereItIsKnown) {
  EXPECT_EQ(log_lines::progress_note(3.25, 1234.4, std::nullopt), "loss 3.2500, 1234 tokens/s");
  EXPECT_EQ(log_lines::progress_note(3.25, 6e6, 0.4123), "loss 3.2500, 6000000 tokens/s, MFU 41.2%");
  EXPECT_EQ(log_lines::utilization(0.41234, 130'547'712, 8 * 989e12),
            "mfu:0.4123 operations_per_token:130547712 peak_operations_per_second:7.912e+15");
}

TEST(LogLines, CallsRecipeAndCodecByOneWordEach) {
  EXPECT_EQ(log_lines::recipe_word("baseline-int8"), "int8");
  EXPECT_EQ(log_lines::recipe_word("my recipe/2"), "my_recipe_2");
  EXPECT_EQ(log_lines::codec_word("zlib:9"), "zlib");
  EXPECT_EQ(log_lines::codec_word("store"), "store");
}

}  // namespace
}  // namespace golf
