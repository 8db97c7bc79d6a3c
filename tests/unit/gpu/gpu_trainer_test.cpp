// What a GPU must do as the CPU does, and a recorded step as an unrecorded one.
#include <cmath>

#include "golf/eval/score_tokens.h"
#include "golf/train/device/device.h"
#include "unit/gpu/gpu_fixture.h"
#include "unit/train/tiny_run.h"

namespace golf {
namespace {

using test::TinyRun;

const torch::Device kGpu(torch::kCUDA, 0);

class GpuTrainer : public test::Gpu {};

struct Outcome {
  std::vector<double> losses, norms;
  std::vector<bool> qat;
  TrainerState state;
};

Outcome take_steps(Trainer trainer, int steps, int64_t warm_up = 1) {
  Outcome outcome;
  trainer.warm_up(warm_up);
  for (int i = 0; i < steps; ++i) {
    const StepResult result = trainer.step(0);
    outcome.losses.push_back(result.loss.item<double>());
    outcome.norms.push_back(result.grad_norm.item<double>());
    outcome.qat.push_back(result.qat);
  }
  outcome.state = trainer.capture();
  return outcome;
}

/// Heads of 16 components, as flash attention wants at least, and rounding only where a test asks for it.
TinyRun gpu_run(TinyRun run) {
  run.config.model.model_dim = 64;
  run.config.model.num_heads = 4;
  run.config.model.num_kv_heads = 2;
  run.config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  return run;
}

/// Losses within `tolerance`, relative; state within `state_tolerance` in the norm: Adam makes as much of a
/// tiny gradient as of a large one, rounding included.
void expect_near(const Outcome& found, const Outcome& expected, double tolerance, double state_tolerance) {
  ASSERT_EQ(found.losses.size(), expected.losses.size());
  for (size_t i = 0; i < expected.losses.size(); ++i) {
    EXPECT_NEAR(found.losses[i], expected.losses[i], tolerance * expected.losses[i]) << "step " << i + 1;
    EXPECT_NEAR(found.norms[i], expected.norms[i], 10 * tolerance * expected.norms[i]) << "step " << i + 1;
  }
  ASSERT_EQ(found.state.tensors.size(), expected.state.tensors.size());
  for (size_t i = 0; i < expected.state.tensors.size(); ++i) {
    const torch::Tensor a = found.state.tensors[i].tensor.cpu().to(torch::kDouble);
    const torch::Tensor b = expected.state.tensors[i].tensor.cpu().to(torch::kDouble);
    EXPECT_LE((a - b).norm().item<double>(), state_tolerance * b.norm().item<double>() + 1e-6)
        << expected.state.tensors[i].name;
  }
}

TEST_F(GpuTrainer, TakesTheStepsOfTheCpuInFloat32) {
  const TinyRun run = gpu_run(TinyRun::mixed());
  expect_near(take_steps(run.trainer(Communicator::solo(), kGpu), 6), take_steps(run.trainer(), 6), 1e-4,
              0.05);
}

TEST_F(GpuTrainer, FollowsTheCpuInBfloat16WithFlashAttentionAlone) {
  const TinyRun run = gpu_run({});
  allow_kernels(/*flash_alone=*/true);
  const Outcome gpu = take_steps(run.trainer(Communicator::solo(), kGpu, torch::kBFloat16), 6);
  const Outcome cpu = take_steps(run.trainer(), 6);
  for (size_t i = 0; i < cpu.losses.size(); ++i)
    EXPECT_NEAR(gpu.losses[i], cpu.losses[i], 0.02 * cpu.losses[i]);
}

TEST_F(GpuTrainer, ARecordedStepIsTheStepItself) {
  TinyRun run =
      gpu_run(TinyRun::mixed());  // rounding begins in the fourth step: recorded a second time there
  const Outcome plain = take_steps(run.trainer(Communicator::solo(), kGpu), 8);
  run.config.training.cuda_graphs = true;
  const Outcome recorded = take_steps(run.trainer(Communicator::solo(), kGpu), 8);
  EXPECT_EQ(recorded.qat, plain.qat);
  EXPECT_FALSE(plain.qat.front());
  EXPECT_TRUE(plain.qat.back());
  expect_near(recorded, plain, 1e-5, 1e-3);
}

TEST_F(GpuTrainer, ARecordedStepInBfloat16NeedsNoWarmUpOfTheRun) {
  TinyRun run = gpu_run({});
  const Outcome plain = take_steps(run.trainer(Communicator::solo(), kGpu, torch::kBFloat16), 4, 0);
  run.config.training.cuda_graphs = true;
  expect_near(take_steps(run.trainer(Communicator::solo(), kGpu, torch::kBFloat16), 4, 0), plain, 1e-3, 0.05);
}

TEST_F(GpuTrainer, ARecordingSurvivesValidationAtAnotherLength) {
  TinyRun run = gpu_run({});
  run.config.training.cuda_graphs = true;
  Trainer trainer = run.trainer(Communicator::solo(), kGpu),
          undisturbed = run.trainer(Communicator::solo(), kGpu);
  for (int i = 0; i < 3; ++i) {
    std::vector<uint16_t> tokens(49);
    const WindowPlan plan = WindowPlan::standard(48, 16);
    score_tokens(trainer.model(), tokens, plan, {.batch_seqs = 2});
    EXPECT_NEAR(trainer.step(0).loss.item<double>(), undisturbed.step(0).loss.item<double>(), 1e-5);
  }
}

TEST_F(GpuTrainer, ContinuesOnTheCpuFromWhatAGpuSaved) {
  const TinyRun run = gpu_run(TinyRun::mixed());
  Trainer gpu = run.trainer(Communicator::solo(), kGpu), cpu = run.trainer();
  for (int i = 0; i < 5; ++i) gpu.step(0);
  cpu.restore(gpu.capture());
  for (int i = 0; i < 3; ++i) {
    const double expected = gpu.step(0).loss.item<double>();
    EXPECT_NEAR(cpu.step(0).loss.item<double>(), expected, 1e-4 * expected);
  }
}

TEST_F(GpuTrainer, EveryModelFeatureCanBeRecorded) {
  for (const char* part : {"bigram", "values", "exclusive", "markov", "smear", "untied"}) {
    TinyRun run = gpu_run({});
    ModelConfig& model = run.config.model;
    const std::string name = part;
    if (name == "bigram") model.features.set("bigram_hash", {{"buckets", 64}, {"dim", 16}});
    if (name == "values")
      model.features.set("value_embedding", {{"dim", 16}, {"layers", Json::array({1, 2})}});
    if (name == "exclusive") model.features.set("exclusive_attention", {{"last_n", 2}});
    if (name == "markov") model.features.set("markov_mix", {{"gate_threshold", 0.2}, {"gate_temp", 0.03}});
    if (name == "smear") model.features.set("smear_gate", {{"variant", "per_token"}});
    if (name == "untied") model.tie_embeddings = false;
    const Outcome plain = take_steps(run.trainer(Communicator::solo(), kGpu), 3);
    run.config.training.cuda_graphs = true;
    SCOPED_TRACE(name);
    expect_near(take_steps(run.trainer(Communicator::solo(), kGpu), 3), plain, 1e-4, 0.01);
  }
}

TEST_F(GpuTrainer, NamesItsGpu) { EXPECT_FALSE(device_name(kGpu).empty()); }

}  // namespace
}  // namespace golf
