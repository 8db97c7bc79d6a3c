#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/train/config/config_builder.h"
#include "golf/train/config/train_config.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

using Environment = std::map<std::string, std::string>;

VariableLookup lookup_in(const Environment& environment) {
  return [&environment](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
}

ConfigBuilder builder_with(const std::string& preset, const Environment& environment) {
  ConfigBuilder builder(preset);
  apply_submission_variables(builder, lookup_in(environment));
  return builder;
}

TrainConfig with(const std::string& preset, const Environment& environment) {
  return builder_with(preset, environment).build();
}

TEST(SubmissionVariables, SetTheValuesOfTheSameMeaning) {
  const TrainConfig config = with("pr262", {{"NUM_LAYERS", "6"},
                                            {"MUON_WD", ".05"},
                                            {"ADAM_EPS", "1e-9"},
                                            {"MIN_LR", "0.1"},
                                            {"MUON_ROW_NORMALIZE", "1"},
                                            {"GPTQ_RESERVE_SECONDS", "12"},
                                            {"SEED", "42"},
                                            {"SWA_ENABLED", "0"},
                                            {"TIE_EMBEDDINGS", "0"},
                                            {"MAX_WALLCLOCK_SECONDS", "-1"},
                                            {"HEAD_LR", ""}});
  EXPECT_EQ(config.model.num_layers, 6);
  EXPECT_EQ(config.optimizer.muon.weight_decay, 0.05);
  EXPECT_EQ(config.optimizer.adam.eps, 1e-9);
  EXPECT_EQ(config.schedule.min_lr, 0.1);
  EXPECT_TRUE(config.optimizer.muon.row_normalize);
  EXPECT_EQ(config.schedule.reserve_seconds, 12);
  EXPECT_EQ(config.training.seed, 42U);
  EXPECT_FALSE(config.weights.swa.enabled);
  EXPECT_FALSE(config.model.tie_embeddings);
  EXPECT_EQ(config.schedule.max_wallclock_seconds, 0);
  EXPECT_EQ(config.optimizer.head_lr, 0.008);  // empty is not set
}

TEST(SubmissionVariables, SetTheCurriculumOfTheRecords) {
  const TrainConfig config = with("baseline", {{"ENABLE_LOOPING_AT", "0.35"}});
  EXPECT_EQ(config.curriculum.recurrence_start, 0.35);
  ConfigBuilder builder = builder_with("baseline", {{"TRAIN_SEQ_LEN", "3072"},
                                                    {"TRAIN_SEQ_SCHEDULE", "1024@0.100,3072@1.000"},
                                                    {"TRAIN_SEQ_SCHEDULE_MODE", "wallclock"},
                                                    {"SEQ_CHANGE_WARMUP_STEPS", "32"}});
  builder.set("data.order", "documents", "test");
  EXPECT_EQ(builder.build().curriculum.seq_lens, "1024@0.100,3072@1.000");
  EXPECT_EQ(builder.build().curriculum.rewarm_steps, 32);
  EXPECT_GOLF_ERROR(with("baseline", {{"TRAIN_SEQ_SCHEDULE_MODE", "step"}}), ErrorCode::kInvalidArgument,
                    "TRAIN_SEQ_SCHEDULE_MODE=step: lengths change by the clock");
}

TEST(SubmissionVariables, AreNamedAsTheOriginOfWhatTheySet) {
  const ConfigBuilder builder = builder_with("pr192", {{"MUON_WEIGHT_DECAY", "0.04"}, {"MODEL_DIM", "256"}});
  std::map<std::string, std::string> origins;
  for (const ConfigEntry& entry : builder.entries()) origins[entry.key] = entry.origin;
  EXPECT_EQ(origins["optimizer.muon.weight_decay"], "environment MUON_WEIGHT_DECAY");
  EXPECT_EQ(origins["model.mlp_hidden"], "environment MODEL_DIM");
  EXPECT_EQ(origins["optimizer.matrix_lr"], "preset pr192");
}

TEST(SubmissionVariables, KeepTheWidthsInProportion) {
  EXPECT_EQ(with("pr88", {{"MODEL_DIM", "256"}}).model.mlp_hidden, 768);
  EXPECT_EQ(with("pr88", {{"MLP_MULT", "2.5"}}).model.mlp_hidden, 1280);
  EXPECT_EQ(with("pr88", {{"MODEL_DIM", "256"}, {"MLP_MULT", "4"}}).model.mlp_hidden, 1024);
  EXPECT_EQ(with("pr88", {{"MLP_MULT", "4"}, {"MLP_HIDDEN", "100"}}).model.mlp_hidden, 100);
}

TEST(SubmissionVariables, KeepTheLengthsTogether) {
  const TrainConfig together = with("pr993", {{"TRAIN_SEQ_LEN", "1024"}});
  EXPECT_EQ(together.data.seq_len, 1024);
  EXPECT_EQ(together.eval.seq_len, 1024);
  const TrainConfig apart = with("pr88", {{"TRAIN_SEQ_LEN", "1024"}, {"EVAL_SEQ_LEN", "2048"}});
  EXPECT_EQ(apart.data.seq_len, 1024);
  EXPECT_EQ(apart.eval.seq_len, 2048);
  EXPECT_EQ(with("pr88", {{"TRAIN_SEQ_LEN", "256"}}).eval.stride, 256);
}

TEST(SubmissionVariables, TurnTheRecordsFeaturesOnAndOff) {
  const FeatureSet on = with("baseline", {{"SMEAR_GATE_ENABLED", "1"},
                                          {"GATE_WINDOW", "12"},
                                          {"SPARSE_ATTN_GATE_ENABLED", "1"},
                                          {"SPARSE_ATTN_GATE_SCALE", "0.5"},
                                          {"SKIP_GATES_ENABLED", "1"},
                                          {"NUM_LOOPS", "3"},
                                          {"LOOP_START", "2"},
                                          {"LOOP_END", "4"},
                                          {"PARALLEL_START_LAYER", "6"},
                                          {"ASYM_LOGIT_RESCALE", "1"}})
                            .model.features;
  EXPECT_EQ(on, (FeatureSet{{"smear_gate", {{"variant", "per_token"}, {"window", 12}, {"bos_id", 1}}},
                            {"attention_gate", {{"variant", "sparse"}, {"window", 12}, {"scale", 0.5}}},
                            {"gated_skips", {}},
                            {"depth_recurrence", {{"first_block", 2}, {"last_block", 4}, {"loops", 3}}},
                            {"parallel_residual", {{"from_block", 6}}},
                            {"asym_logit", {}}}));
  const FeatureSet off = with("baseline", {{"SMEAR_GATE_ENABLED", "1"},
                                           {"SMEAR_GATE_BOS_FIX", "0"},
                                           {"NUM_LOOPS", "0"},
                                           {"LOOP_START", "2"},
                                           {"PARALLEL_RESIDUAL_START", "-1"}})
                             .model.features;
  EXPECT_EQ(off, (FeatureSet{{"smear_gate", {{"variant", "per_token"}, {"window", 12}}}}));
}

TEST(SubmissionVariables, TurnPartsOnAndOff) {
  EXPECT_FALSE(with("pr192", {{"SMEAR_GATE", "0"}}).model.features.has("smear_gate"));
  EXPECT_EQ(with("baseline", {{"SMEAR_GATE", "1"}}).model.features.find("smear_gate")->choice("variant"),
            "per_token");
  ModelConfig with_bigram = with("pr192", {}).model;
  with_bigram.features.set("bigram_hash", {{"site", "every_layer"}, {"buckets", 512}, {"dim", 512}});
  EXPECT_EQ(with("pr192", {{"BIGRAM_HASH", "1"}, {"BIGRAM_VOCAB_SIZE", "512"}}).model, with_bigram);
  EXPECT_FALSE(
      with("pr262", {{"BIGRAM_VOCAB_SIZE", "0"}, {"BIGRAM_DIM", "64"}}).model.features.has("bigram_hash"));
  EXPECT_FALSE(with("pr993", {{"XSA_LAST_N", "0"}}).model.features.has("exclusive_attention"));
  EXPECT_EQ(with("pr993", {{"VE_LAYERS", "3, 7"}}).model.features.find("value_embedding")->integers("layers"),
            (std::vector<int64_t>{3, 7}));
  EXPECT_FALSE(with("pr1046", {{"MODEL_KIND", "gpt"}}).model.features.has("markov_mix"));
  EXPECT_EQ(with("pr1046", {{"MARKOV2_BUCKETS", "4096"}})
                .model.features.find("markov_mix")
                ->section("pairs")
                ->integer("buckets"),
            4096);
  EXPECT_EQ(with("pr1046", {{"MARKOV_LR", "0.01"}}).optimizer.markov_pairs_lr, 0.01);
  EXPECT_EQ(with("pr88", {{"EMA_ENABLED", "1"}}).weights.ema.decay, 0.999);
  EXPECT_EQ(with("pr993", {{"EMA_ENABLED", "0"}}).weights.ema.decay, 0.0);
}

TEST(SubmissionVariables, StartQuantizationAsEachSubmissionDoes) {
  EXPECT_EQ(with("pr192", {{"QAT", "0"}}).qat.method, QatMethod::kOff);
  EXPECT_EQ(with("pr192", {{"QUANT_BITS", "8"}}).qat.bits, 8);
  EXPECT_EQ(with("pr262", {{"QAT_ENABLED", "1"}}).qat.method, QatMethod::kFakeQuant);
  EXPECT_EQ(with("pr993", {{"QAT_ENABLED", "0"}}).qat, test::train_preset("pr993").qat);
  EXPECT_EQ(with("pr993", {{"QAT_ENABLED", "1"}}).qat.start_lr_below, 0.0);
  EXPECT_EQ(with("pr993", {{"LATE_QAT_THRESHOLD", "0"}}).qat.method, QatMethod::kOff);
  const QatConfig late = with("pr88", {{"QAT_FRACTION", "0.25"}}).qat;
  EXPECT_EQ(late.method, QatMethod::kFakeQuant);
  EXPECT_EQ(late.start_fraction, 0.75);
  EXPECT_EQ(with("pr1046", {{"QAT_START_FRAC", "0.5"}}).qat.method, QatMethod::kNoise);
}

TEST(SubmissionVariables, RefuseWhatTheyCannotMean) {
  const auto refused = [](const std::string& preset, const char* name, const char* value,
                          const std::string& why) {
    EXPECT_GOLF_ERROR(with(preset, {{name, value}}), ErrorCode::kInvalidArgument,
                      std::string("environment variable ") + name + "=" + value + ": " + why);
  };
  refused("baseline", "NUM_LAYERS", "many", "is not a number");
  refused("baseline", "NUM_LAYERS", "8.5", "is not a whole number");
  refused("baseline", "MARKOV_GATE_TEMP", "0.1", "this configuration has no model.markov_mix");
  refused("pr993", "VE_LAYERS", "1;2", "is not a list of layers");
  refused("pr1046", "MODEL_KIND", "markov", "is neither gpt nor gpt_markov");
  refused("pr192", "DTG_ENABLED", "1",
          "golf-train does not train this part of the submission; only 0 is taken");
  refused("pr88", "INT6_QUANT", "0", "export.recipe says how weights are packed; only 1 is taken");
}

TEST(SubmissionVariables, OfTheRecordsSetRatesAndDecays) {
  const TrainConfig config = with("baseline", {{"EMBED_WD", "0.085"},
                                               {"WARMDOWN_FRAC", "0.72"},
                                               {"WD_TAPER_START_FRAC", "0.8"},
                                               {"MUON_WD", "0.1"},
                                               {"USE_POLAR_EXPRESS", "1"},
                                               {"EMBEDDING_DIM", "512"}});
  EXPECT_EQ(config.optimizer.groups.embedding, (AdamGroupConfig{.weight_decay = 0.085}));
  EXPECT_EQ(config.schedule.warmdown_fraction, 0.72);
  EXPECT_EQ(config.schedule.warmdown_iters, 0);
  EXPECT_EQ(config.optimizer.muon.decay_taper, (DecayTaperConfig{.start_fraction = 0.8, .final_scale = 0.5}));
  EXPECT_EQ(config.optimizer.muon.ns_coefficients, NewtonSchulz::kPolarExpress);
  EXPECT_EQ(with("pr1493", {{"WARMDOWN_ITERS", "300"}}).schedule.warmdown_fraction, std::nullopt);
  EXPECT_EQ(with("pr1493", {{"WARMDOWN_ITERS", "0"}}).schedule, test::train_preset("pr1493").schedule);
  const TrainConfig off =
      with("pr1493", {{"WARMDOWN_FRAC", "0"}, {"WD_TAPER_START_FRAC", "0.7"}, {"WD_TAPER_FINAL_MULT", "1"}});
  EXPECT_EQ(off.schedule.warmdown_fraction, std::nullopt);
  EXPECT_EQ(off.optimizer.muon, test::train_preset("pr1493").optimizer.muon);
  EXPECT_GOLF_ERROR(with("pr1493", {{"WARMDOWN_FRAC", "0.5"}, {"WARMDOWN_ITERS", "300"}}),
                    ErrorCode::kInvalidArgument, "environment variable WARMDOWN_FRAC=0.5: WARMDOWN_ITERS is");
  EXPECT_GOLF_ERROR(with("pr1493", {{"EMBEDDING_DIM", "256"}}), ErrorCode::kInvalidArgument,
                    "environment variable EMBEDDING_DIM=256: golf-train does not train this part of the "
                    "submission; only 512, the model's width, is taken");
  EXPECT_GOLF_ERROR(with("pr1855", {{"MUON_BACKEND_STEPS", "6"}}), ErrorCode::kInvalidArgument,
                    "optimizer.muon.ns_steps: 6 iterations, but polar_express has polynomials for 5");
}

TEST(SubmissionVariables, WhatWouldTrainOtherwiseIsRefusedByName) {
  EXPECT_GOLF_ERROR(
      with("baseline-tiny", {{"FORCE_STOP_STEP", "50"},
                             {"QK_GAIN_SCHEDULE", "1,2"},
                             {"GPTQ_DAMP", "0.1"},
                             {"NUM_LAYERS", "3"},
                             {"RUN_ID", "x"}}),
      ErrorCode::kInvalidArgument,
      "environment variable FORCE_STOP_STEP=50: golf-train does not train this part of the "
      "submission; only 0 is taken (golf-train does not read QK_GAIN_SCHEDULE, GPTQ_DAMP either)");
  EXPECT_GOLF_ERROR(with("baseline-tiny", {{"GATED_ATTN_ENABLED", "1"}, {"GATED_ATTN_INIT_STD", "0.01"}}),
                    ErrorCode::kInvalidArgument,
                    "environment variable GATED_ATTN_INIT_STD=0.01: golf-train's gate starts at 0; unset it");
}

TEST(SubmissionVariables, WhatDoesNotConcernTheTrainingIsNamedInWarnings) {
  const Environment environment = {{"MATRIX_BITS", "5"},
                                   {"COMPRESSOR", "pergroup"},
                                   {"TTT_EPOCHS", "3"},
                                   {"TTT_ENABLED", "0"},
                                   {"GATED_ATTN_INIT_STD", "0.01"},
                                   {"RUN_ID", "x"},
                                   {"LAWA_ENABLED", "0"},
                                   {"ROPE_YARN", "0"}};
  EXPECT_EQ(with("baseline-tiny", environment), test::train_preset("baseline-tiny"));
  ConfigBuilder builder("baseline-tiny");
  EXPECT_EQ(
      apply_submission_variables(builder, lookup_in(environment)),
      (std::vector<std::string>{
          "environment variables not read: COMPRESSOR, MATRIX_BITS: export.recipe says how weights are "
          "packed",
          "environment variables not read: TTT_EPOCHS: export.adapt and golf-eval --adapt say how a model is "
          "adapted",
          "environment variables not read: RUN_ID, GATED_ATTN_INIT_STD: nothing that golf-train does "
          "depends on it"}));
}

TEST(SubmissionVariables, PackingIsReadWhereTheRecipePacksSo) {
  const Environment packing = {
      {"MATRIX_BITS", "6"},           {"EMBED_BITS", "7"},         {"MLP_CLIP_SIGMAS", "11.5"},
      {"ATTN_CLIP_SIGMAS", "13.0"},   {"EMBED_CLIP_SIGMAS", "14"}, {"MATRIX_CLIP_SIGMAS", "12.85"},
      {"LQER_ENABLED", "1"},          {"LQER_RANK", "4"},          {"LQER_TOP_K", "3"},
      {"LQER_FACTOR_BITS", "4"},      {"LQER_ASYM_ENABLED", "1"},  {"LQER_ASYM_GROUP", "32"},
      {"GATED_ATTN_QUANT_GATE", "0"}, {"COMPRESSOR", "pergroup"},  {"GPTQ_CALIBRATION_BATCHES", "24"}};
  ConfigBuilder builder("pr2135");
  EXPECT_EQ(apply_submission_variables(builder, lookup_in(packing)), std::vector<std::string>{});
  TrainConfig expected = test::train_preset("pr2135");
  expected.export_.calibration_batches = 24;
  EXPECT_EQ(builder.build(), expected);

  ConfigBuilder other("pr2135");
  EXPECT_EQ(apply_submission_variables(
                other, lookup_in({{"MATRIX_BITS", "5"}, {"LQER_RANK", "4"}, {"COMPRESSOR", "lzma"}})),
            (std::vector<std::string>{
                "environment variables not read: MATRIX_BITS: export.recipe says how weights are packed"}));
  EXPECT_EQ(other.build().export_.codec, "lzma:6");
  EXPECT_EQ(other.build().export_.ptz_layout, "gptq");
}

/// Whether the program's setting is read, refused or named in a warning: whatever its value, the
/// configuration changes or somebody is told.
bool is_known(const std::string& preset, const std::string& name) {
  // Values that some setting takes: a number unlike every default, a word, a list.
  for (const char* value : {"7", "0.37", "1", "0", "3,4", "attn"}) {
    const Environment environment = {{name, value}};
    ConfigBuilder builder(preset);
    try {
      if (!apply_submission_variables(builder, lookup_in(environment)).empty()) return true;
      const auto entries = [](const ConfigBuilder& one) { return to_json(one.unchecked()).dump(); };
      if (entries(builder) != entries(ConfigBuilder(preset))) return true;
    } catch (const Error& error) {
      if (std::string(error.what()).find(name) != std::string::npos) return true;
    }
  }
  return false;
}

TEST(SubmissionVariables, NoneOfTheRecordsIsIgnored) {
  GOLF_NEED_REFERENCE_DATA();
  std::set<std::string> names;
  const auto add = [&](const Json& settings) {
    for (const auto& [name, value] : settings.as_object()) {
      std::string upper = name;
      std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
      names.insert(upper);
    }
  };
  for (const char* system : {"pr1394", "pr1493", "pr1855"}) {
    add(read_json_file(test::reference_data() + "/" + system + "/config.json").at("hyperparameters"));
  }
  const Json later = read_json_file(test::reference_data() + "/pr2135/config.json");
  for (const char* system : {"2014", "2135"}) {
    add(later.at(system).at("hyperparameters"));
    add(later.at(system).at("environment"));
  }
  EXPECT_GT(names.size(), 180U);
  // What their programs work out themselves, and what a launcher sets (launch_environment).
  for (const char* name :
       {"DISTRIBUTED", "GRAD_ACCUM_STEPS", "IS_MAIN_PROCESS", "LOCAL_RANK", "RANK", "WORLD_SIZE"}) {
    names.erase(name);
  }
  for (const std::string& name : names)
    EXPECT_TRUE(is_known("pr2135", name) || is_known("pr1493", name)) << name;
}

TEST(SubmissionVariables, OfTheRecordedRunsGiveTheTinyPresets) {
  GOLF_NEED_REFERENCE_DATA();
  const auto check = [](const std::string& system, const std::string& file, const Json& environment,
                        const auto& settle) {
    Environment variables;
    for (const auto& [name, value] : environment.as_object()) variables[name] = value.as_string();
    TrainConfig expected = test::train_preset(system + "-tiny");
    TrainConfig found = with(system, variables);
    found.name = expected.name;
    found.eval.batch_seqs = expected.eval.batch_seqs;
    // The presets do without the program lrzip.
    if (variables.contains("COMPRESSOR")) expected.export_.ptz_layout = "";
    settle(found, expected);
    EXPECT_EQ(to_json(found).dump(1), to_json(expected).dump(1)) << system << "/" << file;
  };
  const auto read = [](const std::string& path) {
    return read_json_file(test::reference_data() + "/" + path);
  };
  const auto as_they_are = [](TrainConfig&, TrainConfig&) {};
  for (const char* system : {"pr88", "pr1046"}) {
    check(system, "trajectory.json", read(std::string(system) + "/trajectory.json").at("env"),
          [](TrainConfig& found, TrainConfig&) { found.eval.stride = 64; });
  }
  for (const char* system : {"pr192", "pr262"}) {
    check(system, "trajectory.json", read(std::string(system) + "/trajectory.json").at("env"), as_they_are);
  }
  for (const std::string system : {"2014", "2135"}) {
    Json environment = read("pr2135/config.json").at(system).at("environment");
    environment["XSA_LAST_N"] = "7";  // their default is all layers
    check("pr" + system, "config.json", environment, [](TrainConfig& found, TrainConfig& expected) {
      expected.training.seed = 42;
      expected.training.log_every = 500;
      expected.schedule.iterations = found.schedule.iterations;
      found.eval.stride = expected.eval.stride;
    });
  }
  check(
      "pr192", "alt_trajectory.json", read("pr192/alt_trajectory.json").at("env"),
      [](TrainConfig&, TrainConfig& expected) {
        expected.model.features.set("bigram_hash", {{"site", "every_layer"}, {"buckets", 512}, {"dim", 128}});
        expected.qat.method = QatMethod::kOff;
        expected.weights.swa = {.enabled = true, .every = 4, .by_step_index = true};
        expected.schedule.iterations = 30;
        expected.schedule.warmdown_iters = 15;
      });
}

}  // namespace
}  // namespace golf
