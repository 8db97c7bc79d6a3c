// The first steps of the records' training, before their loops start, against what their own programs
// recorded: loss, gradient norm, rates.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/model/torch_tensors.h"
#include "golf/train/trainer/trainer.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"
#include "support/temp_dir.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

/// First tokens of the rows that the programs' loader draws from this shard in eight steps of four.
constexpr size_t kRowStarts[] = {249817, 467417, 391385, 47321,  371161, 7641,   505561, 80857,
                                 162009, 282329, 96729,  163801, 225753, 148953, 90073,  507865,
                                 124889, 2009,   478425, 478681, 45273,  26841,  389337, 49113,
                                 335833, 29657,  227801, 198617, 501465, 281049, 462553, 211673};

/// A shard of those rows one after another, each with its last target, so that reading it in order gives
/// them.
void write_rows(const std::string& path, int64_t vocab_size, size_t seq_len) {
  const std::vector<uint16_t> text =
      read_token_shard(test::reference_data() + "/fineweb8192/fineweb_train_000000.bin", vocab_size);
  std::vector<uint16_t> rows;
  for (const size_t start : kRowStarts) {
    const auto first = text.begin() + static_cast<std::ptrdiff_t>(start);
    rows.insert(rows.end(), first, first + static_cast<std::ptrdiff_t>(seq_len) + 1);
  }
  write_file_atomic(path, encode_token_shard(rows));
}

/// The tensors for a model without loops, which has fewer skips: its rows of the skips' parameters come
/// first.
TensorSet without_loops(const TensorSet& looped, const ModelConfig& config) {
  TensorSet tensors;
  for (const TensorInfo& row : tensor_inventory(config)) {
    const torch::Tensor whole = to_torch(looped.at(row.name));
    tensors.add(row.name, from_torch(whole.narrow(0, 0, row.shape.at(0)).contiguous()));
  }
  return tensors;
}

class RecordsTrajectory : public testing::TestWithParam<const char*> {};

TEST_P(RecordsTrajectory, BeginsAsTheEntrysOwnProgram) {
  GOLF_NEED_REFERENCE_DATA();
  at::set_num_threads(1);
  const std::string system = GetParam();
  const Json file = read_json_file(test::reference_data() + "/" + system + "/trajectory_long.json");
  TrainConfig config = test::train_preset(system + "-tiny");
  config.schedule.iterations = file.at("iterations").as_int();
  config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  config.data.grad_accum_steps = 4;  // a row each, so that the rows need not be neighbors
  config.model.features.remove("depth_recurrence");

  const test::TempDir dir;
  write_rows(dir.file("train.bin"), config.model.vocab_size, static_cast<size_t>(config.data.seq_len));
  Decoder model(config.model);
  load_tensors(model, without_loops(test::reference_tensors(system + "/init.safetensors"), config.model));
  Trainer trainer(config, model,
                  BatchLoader(ShardStream(dir.file("train.bin"), config.model.vocab_size),
                              config.data.batch_tokens, config.data.grad_accum_steps, config.data.seq_len));
  double losses = 0, norms = 0;
  for (size_t i = 0; i < 8; ++i) {
    const Json& expected = file.at("steps").as_array()[i];
    const StepResult result = trainer.step(0);
    losses = std::max(losses, std::abs(result.loss.item<double>() / expected.at("loss").as_double() - 1));
    norms = std::max(
        norms,
        std::abs(result.grad_norm.item<double>() / expected.at("grad_norm_before_clip").as_double() - 1));
    EXPECT_NEAR(result.lr_multiplier, expected.at("lr_multiplier").as_double(), 1e-9);
    EXPECT_NEAR(result.muon_momentum, expected.at("muon_momentum").as_double(), 1e-9);
  }
  std::printf("%s: losses of the first 8 steps within %.1e, gradient norms %.1e\n", system.c_str(), losses,
              norms);
  EXPECT_LT(losses, 1e-5);
  EXPECT_LT(norms, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(April, RecordsTrajectory, testing::Values("pr1394", "pr1493"));

}  // namespace
}  // namespace golf
