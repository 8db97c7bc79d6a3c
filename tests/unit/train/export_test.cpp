// How golf-train packs what it trained: export.fit, export.calibration, export.calibration_batches,
// export.verify.
#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/pack/pack.h"
#include "golf/eval/calibration.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/data/shuffled_loader.h"
#include "support/error_matchers.h"
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
