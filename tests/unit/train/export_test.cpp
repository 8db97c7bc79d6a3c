// How golf-train packs what it trained: export.fit, export.calibration, export.calibration_batches,
// export.verify.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "golf/adapt/evaluate_adapted.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/eval/calibration.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/data/shuffled_loader.h"
#include "golf/train/run/log_lines.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "unit/train/small_run.h"

namespace golf {
namespace {

class TrainExport : public test::SmallRun {
 protected:
  TrainExport() {
    config.schedule.iterations = 2;
    config.schedule.warmup_steps = 0;
    config.export_.recipe = "best";
    config.export_.codec = "golf:1";
  }

  LoadedModel weights(const std::string& run) const {
    return load_model(dir.file(run + "/final.safetensors"), std::nullopt);
  }
  StoredModel stored(const std::string& run) const {
    return decode_artifact(read_file(dir.file(run + "/final.golf")), "artifact").model;
  }
  /// What eval.json says of the packing.
  Json roundtrip(const std::string& run) const {
    return read_json_file(dir.file(run + "/eval.json")).at("roundtrip");
  }

  /// A calibration in which every matrix of the weights has a Hessian and gradients.
  std::string write_calibration(const TensorSet& tensors) const {
    TensorSet file;
    for (const auto& [name, tensor] : tensors) {
      if (tensor.rank() != 2) continue;
      const auto columns = static_cast<size_t>(tensor.shape[1]);
      std::vector<float> hessian(columns * columns);
      for (size_t i = 0; i < columns; ++i) hessian[i * columns + i] = 1.0F + static_cast<float>(i % 5);
      const std::vector<float> fisher(static_cast<size_t>(tensor.shape[0]), 0.01F);
      file.add(name, from_f32(hessian, DType::kF32, {tensor.shape[1], tensor.shape[1]}));
      file.add("diagonal_fisher:" + name, from_f32(fisher, DType::kF32, {tensor.shape[0]}));
    }
    file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "1000"}, {"bytes", "2400"}};
    const std::string path = dir.file("calibration.safetensors");
    write_file_atomic(path, encode_safetensors(file));
    return path;
  }

  /// A job whose code leaves the artifact only so many bytes of the budget.
  TrainJob job_with_room(const std::string& name, uint64_t room) const {
    const std::string code = dir.file("code.py");
    write_file_atomic(code, Bytes(kBudgetBytes - room));
    TrainJob tight = job(name);
    tight.code_files = {code};
    return tight;
  }
};

TEST_F(TrainExport, FitCoarsensStepsUntilArtifactAndCodeFit) {
  const uint64_t fine = train(config, job("free")).budget.artifact_bytes;
  const uint64_t room = fine - fine / 5;
  EXPECT_FALSE(train(config, job_with_room("over", room)).budget.fits());
  config.export_.fit = true;
  const TrainReport report = train(config, job_with_room("fitted", room));
  EXPECT_TRUE(report.budget.fits());
  EXPECT_LE(read_file(dir.file("fitted/final.golf")).size(), room);
  EXPECT_EQ(roundtrip("fitted").at("fit").at("end").as_string(), "landed");
  EXPECT_EQ(roundtrip("over").find("fit"), nullptr);
}

TEST_F(TrainExport, CalibrationPacksAsGolfPackDoesAndPredictsTheGap) {
  train(config, job("plain"));
  config.export_.calibration = write_calibration(weights("plain").tensors);
  train(config, job("calibrated"));
  EXPECT_EQ(text("calibrated/final.safetensors"), text("plain/final.safetensors"));
  EXPECT_NE(stored("calibrated"), stored("plain"));

  QuantRecipe recipe = load_recipe("best");
  recipe.keep_float_max = config.export_.keep_float_max;
  const PackResult by_hand =
      pack(weights("plain"), {.recipe = recipe,
                              .calibration = read_calibration(config.export_.calibration),
                              .codec = parse_codec("golf:1")});
  EXPECT_EQ(stored("calibrated"), by_hand.artifact.model);
  EXPECT_EQ(roundtrip("calibrated").at("predicted_gap_bpb").as_double(), by_hand.predicted_gap_bpb.value());
  EXPECT_EQ(roundtrip("plain").find("predicted_gap_bpb"), nullptr);
}

TEST_F(TrainExport, CalibratesAtTheEndOnTheFirstRowsOfTheShuffledOrder) {
  train(config, job("plain"));
  config.export_.calibration_batches = 3;
  train(config, job("calibrated"));
  EXPECT_EQ(text("calibrated/final.safetensors"), text("plain/final.safetensors"));

  ShuffledLoader loader(find_shards(dir.file("fineweb_train_*.bin")), 32, /*rows=*/4, 2, config.data.seq_len);
  std::vector<uint16_t> rows;
  for (int i = 0; i < 3; ++i) {
    const TokenBatch batch = loader.next();
    for (int64_t r = 0; r < 4; ++r) rows.insert(rows.end(), batch.inputs(r).begin(), batch.inputs(r).end());
  }
  Decoder model(config.model);
  load_tensors(model, weights("plain").tensors);
  QuantRecipe recipe = load_recipe("best");
  recipe.keep_float_max = config.export_.keep_float_max;
  const PackResult by_hand =
      pack(weights("plain"),
           {.recipe = recipe,
            .calibration = Calibration(collect_calibration(model, rows, config.data.seq_len), "by hand"),
            .codec = parse_codec("golf:1")});
  EXPECT_EQ(stored("calibrated"), by_hand.artifact.model);
  EXPECT_NE(stored("calibrated"), stored("plain"));
}

TEST_F(TrainExport, GptqIsCalibratedOnInputsAndPacksTheBytesOfGolfPack) {
  config.export_.recipe = "pr1855";
  config.export_.format = "ptz";
  config.export_.ptz_layout = "gptq";
  config.export_.codec = "";
  config.export_.calibration_batches = 2;
  TrainJob by_name = job("run");
  by_name.packer = "golf-pack test";
  train(config, by_name);
  const std::string path = dir.file("run/calibration.safetensors");
  const TensorSet statistics = parse_safetensors(read_file(path), path);
  EXPECT_EQ(statistics.metadata.at("tokens"), "64");  // 2 batches of 4 rows of 8
  EXPECT_TRUE(statistics.contains("blocks.0.mlp.fc.weight"));
  EXPECT_FALSE(statistics.contains("diagonal_fisher:blocks.0.mlp.fc.weight"));

  QuantRecipe recipe = load_recipe("pr1855");
  recipe.keep_float_max = config.export_.keep_float_max;
  const PackRequest request{.recipe = recipe,
                            .calibration = read_calibration(path),
                            .format = ArtifactFormat::kPtz,
                            .ptz_layout = "gptq"};
  EXPECT_EQ(pack(weights("run"), request).bytes, read_file(dir.file("run/final.ptz")));
  EXPECT_NE(text("run/train.log").find("GPTQ:collected "), std::string::npos);
  EXPECT_NE(text("run/train.log").find("expected_size: artifact:"), std::string::npos);
}

TEST_F(TrainExport, ScoresTheArtifactAdaptedAsGolfEvalDoes) {
  config.export_.recipe = "baseline-int8";
  config.export_.codec = "";
  config.export_.adapt = "model";
  config.eval.adapt = AdaptConfig{.sgd = SgdAdaptConfig{.chunk_tokens = 32, .epochs = 2, .lr = 0.1}};
  const TrainReport report = train(config, job("run"));
  ASSERT_TRUE(report.adapted);
  EXPECT_NE(report.adapted->val_bpb, report.after.val_bpb);

  Decoder model(config.model);
  load_tensors(model, load_model(dir.file("run/final.golf"), std::nullopt).tensors);
  const TokenizedText text = read_text(find_shards(dir.file("fineweb_val_*.bin")),
                                       read_tokenizer(dir.file("t.model"), /*vocab_size=*/0));
  const AdaptedResult by_hand = evaluate_adapted(
      model, text.view(), {.mode = EvalMode::kSliding, .seq_len = 16, .stride = 8, .batch_seqs = 4},
      *config.eval.adapt);
  EXPECT_NEAR(report.adapted->val_bpb, by_hand.result.val_bpb, 1e-9);

  const std::string path = dir.file("run/receipt.jsonl");
  const Receipt receipt = parse_receipt(read_file(path), path);
  EXPECT_TRUE(audit_adaptation(receipt).passed());
  EXPECT_EQ(receipt.val_bpb, report.adapted->val_bpb);
  const Json submission = read_json_file(dir.file("run/submission.json"));
  EXPECT_EQ(submission.at("val_bpb").as_double(), report.adapted->val_bpb);
  EXPECT_EQ(submission.at("quantized_val_bpb").as_double(), report.after.val_bpb);
}

TEST_F(TrainExport, TrainingAndCalibrationAreHeldAgainstTheCap) {
  config.export_.calibration_batches = 1;
  train(config, job("uncapped"));
  EXPECT_EQ(text("uncapped/train.log").find("reserve:"), std::string::npos);
  config.schedule.max_wallclock_seconds = 1e5;
  config.schedule.reserve_seconds = 1;
  const TrainReport report = train(config, job("capped"));
  EXPECT_GT(report.calibration_seconds, 0);
  const std::string log = text("capped/train.log");
  EXPECT_NE(log.find("reserve: training "), std::string::npos);
  EXPECT_EQ(log.find("too long"), std::string::npos);
  EXPECT_NE(log_lines::reserve_used(599.5, 4.7, 600).find("warning: 4.2s too long"), std::string::npos);
}

// The programs sum in float32; here products are float32 and their sums float64.
TEST(CollectHessians, GivesWhatPr1855sProgramRecorded) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/";
  const ModelConfig config = find_model_preset("pr1855-tiny").value().model;
  Decoder model(config);
  load_tensors(model, split_banks(test::reference_tensors("pr1855/final.safetensors")));
  ShuffledLoader loader(find_shards(folder + "fineweb_caseops/fineweb_train_*.bin"), config.vocab_size,
                        /*rows=*/1, /*grad_accum_steps=*/8, /*seq_len=*/256);
  std::vector<uint16_t> rows;
  for (int i = 0; i < 16; ++i) {
    const TokenBatch batch = loader.next();
    rows.insert(rows.end(), batch.inputs(0).begin(), batch.inputs(0).end());
  }
  const TensorSet hessians = collect_hessians(model, rows, 256, 16);
  double worst = 0;
  for (const auto& [name, tensor] : test::reference_tensors("pr1855/hessians.safetensors")) {
    const torch::Tensor expected = to_torch(tensor).to(torch::kDouble);
    const torch::Tensor found = to_torch(hessians.at(name)).to(torch::kDouble);
    worst = std::max(worst, ((found - expected).norm() / expected.norm()).item<double>());
  }
  const Json recorded = read_json_file(folder + "pr1855/hessians.json");
  for (const auto& [name, facts] : recorded.as_object()) {
    const double trace = to_torch(hessians.at(name)).to(torch::kDouble).trace().item<double>();
    worst = std::max(worst, std::abs(trace / facts.at("trace").as_double() - 1));
  }
  std::printf("Hessians within %.1e of the recorded ones\n", worst);
  EXPECT_LT(worst, 1e-5);
}

TEST_F(TrainExport, VerifyIsSaidAndChangesNoByte) {
  train(config, job("verified"));
  config.export_.verify = false;
  train(config, job("unverified"));
  EXPECT_TRUE(roundtrip("verified").at("verified").as_bool());
  EXPECT_FALSE(roundtrip("unverified").at("verified").as_bool());
  EXPECT_EQ(read_file(dir.file("verified/final.golf")), read_file(dir.file("unverified/final.golf")));
}

TEST_F(TrainExport, RefusesWhatCannotBePackedBeforeTheFirstStep) {
  const auto expect = [&](const TrainConfig& wrong, ErrorCode code, const std::string& part) {
    EXPECT_GOLF_ERROR(train(wrong, job("run")), code, part);
    EXPECT_FALSE(std::filesystem::exists(dir.file("run"))) << part;
  };
  TrainConfig wrong = config;
  wrong.export_.fit = true;
  wrong.export_.recipe = "baseline-int8";
  expect(wrong, ErrorCode::kInvalidArgument, "export.fit: recipe baseline-int8 has no steps to fit");
  wrong = config;
  wrong.export_.recipe = "pr1855";
  wrong.export_.calibration_batches = 1;
  expect(wrong, ErrorCode::kUnsupported, "export.format: golf holds no LQER");
  wrong = config;
  wrong.export_.adapt = "model";
  expect(wrong, ErrorCode::kInvalidArgument,
         "export.adapt: is model, but the configuration has no eval.adapt");
  wrong = config;
  wrong.export_.calibration = dir.file("missing.safetensors");
  expect(wrong, ErrorCode::kInvalidArgument, "export.calibration: ");
  wrong.export_.calibration_batches = 1;
  expect(wrong, ErrorCode::kInvalidArgument, "cannot go with export.calibration");
  wrong.export_.calibration_batches = 0;
  TensorSet other;
  other.add("tok_emb.weight", make_tensor(DType::kF32, {32, 8}));
  wrong.export_.calibration = write_calibration(other);
  expect(wrong, ErrorCode::kMismatch, "export.calibration: ");
}

}  // namespace
}  // namespace golf
