#include "golf/artifact/submission/submission_log.h"

#include <gtest/gtest.h>

#include "submission/text_lines.h"

namespace golf {
namespace {

TEST(SubmissionLog, ReadsUpstreamsForm) {
  const SubmissionLog log = read_submission_log(
      "seed:1337\n"
      "train_batch_tokens:524288 train_seq_len:1024 max_wallclock_seconds:600.000\n"
      "step:13780/20000 val_loss:2.0606 val_bpb:1.2172 train_time:600038ms step_avg:43.54ms\n"
      "Serialized model: 67224983 bytes\n"
      "Code size: 47642 bytes\n"
      "Total submission size: 67272625 bytes\n"
      "Serialized model int8+zlib: 15815847 bytes (payload:17178912 raw_torch:17224025 payload_ratio:3.91x)\n"
      "Total submission size int8+zlib: 15863489 bytes\n"
      "final_int8_zlib_roundtrip_exact val_loss:2.07269931 val_bpb:1.22436570\n",
      "train.log");
  EXPECT_EQ(log.seed->value, 1337);
  EXPECT_EQ(log.last_step->value, 13'780);
  EXPECT_EQ(log.train_ms->value, 600'038);
  EXPECT_EQ(log.timed->step_ms, 43.54);
  EXPECT_EQ(log.wallclock_seconds->value, 600);
  ASSERT_NE(log.total(), nullptr);
  EXPECT_EQ(log.total()->bytes, 15'863'489);
  EXPECT_EQ(log.total()->line, 8);
  EXPECT_EQ(log.model()->bytes, 15'815'847);
  ASSERT_NE(log.result(), nullptr);
  EXPECT_EQ(log.result()->bpb, 1.22436570);
  EXPECT_EQ(log.result()->bpb_decimals, 8);
  EXPECT_EQ(log.result()->label, "final_int8_zlib_roundtrip_exact");
  EXPECT_EQ(log.settings.at("train_seq_len").value, "1024");
}

TEST(SubmissionLog, ReadsTheLaterFormWithMinutesAndBlocks) {
  const SubmissionLog log = read_submission_log(
      "Hyperparameters:\n"
      "  matrix_lr: 0.026\n"
      "  seed: 0\n"
      "  world_size: 8\n"
      "train_shards: 80\n"
      "val_tokens: 47851520\n"
      "4500/20000 train_loss: 2.8130 train_time: 8.7m tok/s: 6808105\n"
      "4988/20000 val_loss: 2.8177 val_bpb: 1.0908\n"
      "stopping_early: wallclock_cap train_time: 588138ms step: 4988/20000\n"
      "pre-quantization post-ema val_loss:2.81547748 val_bpb:1.08995907 eval_time:6003ms\n"
      "Code size (uncompressed): 158429 bytes\n"
      "Code size (compressed): 34567 bytes\n"
      "Total submission size quantized+brotli: 15987547 bytes\n"
      "quantized_ttt_phased val_loss:2.32239991 val_bpb:1.06124613 eval_time:455128ms\n"
      "total_eval_time:455.1s\n",
      "log");
  EXPECT_EQ(log.settings.at("matrix_lr").value, "0.026");
  EXPECT_EQ(log.seed->value, 0);
  EXPECT_EQ(log.train_shards->value, 80);
  EXPECT_EQ(log.val_tokens->value, 47'851'520);
  EXPECT_EQ(log.last_step->value, 4988);
  EXPECT_EQ(log.train_ms->value, 588'138);
  EXPECT_EQ(log.timed->step, 4500);
  EXPECT_EQ(log.timed->tokens_per_second, 6'808'105);
  EXPECT_EQ(log.scores.at(0).kind, LoggedScore::Kind::kValidation);
  EXPECT_EQ(log.scores.at(1).kind, LoggedScore::Kind::kUnpacked);
  EXPECT_EQ(log.result()->eval_ms, 455'128);
  EXPECT_EQ(log.total_eval_ms->value, 455'100);
  EXPECT_EQ(log.sizes.at(0).label, "uncompressed");
}

TEST(SubmissionLog, PassesOverTheSourceAtItsTop) {
  const std::string rule(100, '=');
  const SubmissionLog log = read_submission_log(
      "import os\nimport sys\ndef main():\n    pass\nval_bpb:9.5\nseed:77\nCode size: 5 bytes\n" + rule +
          "\nseed:1\nfinal val_bpb:1.5\n" + rule + "\n",
      "log");
  EXPECT_EQ(log.seed->value, 1);
  ASSERT_EQ(log.scores.size(), 1U);
  EXPECT_EQ(log.scores[0].line, 10);
  EXPECT_TRUE(log.sizes.empty());
  EXPECT_EQ(log.source_line, 1);
  EXPECT_TRUE(log.source.starts_with("import os\n"));
}

TEST(SubmissionLog, TakesTheTotalOfThePackedModelAlone) {
  EXPECT_EQ(
      read_submission_log("Serialized model: 100 bytes\nTotal submission size: 110 bytes\n", "l").total(),
      nullptr);
  EXPECT_EQ(read_submission_log("Total submission size: 110 bytes\n", "l").total()->bytes, 110);
}

TEST(SubmissionLog, ReadsSizesInTheirOtherForms) {
  const auto total = [](const char* text) {
    const SubmissionLog log = read_submission_log(text, "l");
    return log.total() == nullptr ? -1 : log.total()->bytes;
  };
  EXPECT_EQ(total("Serialized model: 9000000 bytes\nTotal submission size: 15,634,360 bytes (under)\n"),
            15'634'360);
  EXPECT_EQ(total("Total submission int6+zstd: 15906874 bytes\n"), 15'906'874);
  EXPECT_EQ(total("total_submission_size_int8_zlib:14236084 bytes\n"), 14'236'084);
  EXPECT_EQ(total("final x_bytes:1 total_artifact_bytes:15579418\n"), 15'579'418);
  EXPECT_EQ(total("RUN_SUMMARY: steps=7960 artifact_bytes=15548351 step_ms=75.4\n"), 15'548'351);
  EXPECT_EQ(total("artifact_bytes:16132620 code_bytes:49461 total:16182081\n"), -1);
}

TEST(SubmissionLog, HoldsUpAgainstNumbersThatAreNone) {
  const SubmissionLog log = read_submission_log(
      "Code size: 99999999999999999999 bytes\nval_bpb:nan\nval_bpb:1e999\nseed:\nworld_size=-3\nstep:1/\n",
      "l");
  EXPECT_TRUE(log.sizes.empty());
  EXPECT_TRUE(log.scores.empty());
  EXPECT_FALSE(log.seed);
  EXPECT_TRUE(log.not_finite);
}

TEST(TextLines, FindsWholeWordsAlone) {
  EXPECT_FALSE(number_after("pre_val_bpb:1.5", "val_bpb"));
  EXPECT_EQ(number_after("x val_bpb = 1.5ms", "val_bpb")->rest, "ms");
  EXPECT_EQ(integer_after("bytes: 15,863,489 in all", "bytes"), 15'863'489);
  EXPECT_FALSE(integer_after("bytes: none", "bytes"));
  EXPECT_DOUBLE_EQ(milliseconds_after("t:4.1m", "t", "s").value_or(0), 246'000);
  EXPECT_EQ(milliseconds_after("t:2", "t", "s"), 2000);
  EXPECT_FALSE(milliseconds_after("t:2h", "t", "s"));
  EXPECT_EQ(lines_of("a\r\nb\n").size(), 2U);
}

}  // namespace
}  // namespace golf
