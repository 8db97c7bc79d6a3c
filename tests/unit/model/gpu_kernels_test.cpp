// The GPU kernels without a GPU: their arithmetic in an emulator, and NVRTC's compilation of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/model/cpu_path.h"
#include "golf/model/loss.h"
#include "model/cuda/nvrtc.h"
#include "support/simt.h"
#include "unit/model/kernel_cases.h"
#include "unit/model/kernel_emulator.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

/// With the emulator behind the kernels of CPU tensors.
class EmulatedKernels : public ::testing::Test {
 protected:
  void SetUp() override { cuda::run_cpu_kernels_with(&emulator_); }
  void TearDown() override { cuda::run_cpu_kernels_with(nullptr); }
  KernelEmulator emulator_;
};

TEST_F(EmulatedKernels, MixAndNorm) { check_mix_norm(torch::kCPU); }
TEST_F(EmulatedKernels, WriteLanes) { check_write_lanes(torch::kCPU); }
TEST_F(EmulatedKernels, LeakyReluSquared) { check_leaky_relu_squared(torch::kCPU); }
TEST_F(EmulatedKernels, NormRotateAndGain) { check_qk_norm_rotary(torch::kCPU); }
TEST_F(EmulatedKernels, ExclusiveAttentionAndGate) { check_finish_heads(torch::kCPU); }
TEST_F(EmulatedKernels, SoftcappedLoss) { check_softcap_nll(torch::kCPU); }

/// The loss of a record's tiny model and the gradients of its parameters, on LibTorch's operations and on the
/// kernels.
std::vector<torch::Tensor> loss_and_gradients(const ModelConfig& config, torch::ScalarType dtype) {
  Decoder model = random_model(config);
  model->set_compute_dtype(dtype);
  torch::manual_seed(12);
  const torch::Tensor ids = random_ids(2, 11, config), targets = random_ids(2, 11, config);
  const torch::Tensor loss = next_token_loss(model, model->hidden(ids), ids, targets);
  loss.backward();
  std::vector<torch::Tensor> found = {loss.detach()};
  for (const torch::Tensor& parameter : model->parameters()) {
    found.push_back(parameter.grad().defined() ? parameter.grad() : at::zeros_like(parameter));
  }
  return found;
}

/// The distance of two lists of gradients, as a share of the second's length.
double distance(const std::vector<torch::Tensor>& found, const std::vector<torch::Tensor>& expected) {
  double squares = 0, differences = 0;
  for (size_t i = 1; i < found.size(); ++i) {
    squares += expected[i].to(torch::kDouble).square().sum().item<double>();
    differences += (found[i] - expected[i]).to(torch::kDouble).square().sum().item<double>();
  }
  return std::sqrt(differences / squares);
}

TEST_F(EmulatedKernels, WholeModelsComputeAsOnLibTorchsOperations) {
  const CpuPath path = cpu_path();
  use_cpu_path(CpuPath::kLibTorch);
  for (const char* preset : {"pr993-tiny", "pr1855-tiny"}) {
    SCOPED_TRACE(preset);
    const ModelConfig config = find_model_preset(preset)->model;
    cuda::run_cpu_kernels_with(nullptr);
    const auto exact = loss_and_gradients(config, torch::kFloat);
    const auto rounded = loss_and_gradients(config, torch::kBFloat16);
    cuda::run_cpu_kernels_with(&emulator_);
    const auto found = loss_and_gradients(config, torch::kFloat);
    const auto found_rounded = loss_and_gradients(config, torch::kBFloat16);
    EXPECT_NEAR(found[0].item<double>(), exact[0].item<double>(), 1e-5);
    EXPECT_LT(distance(found, exact), 1e-4);  // 4e-5 seen: these weights are drawn wide
    // Both round to bf16, at different places; neither may be much farther from float32 than the other.
    EXPECT_LT(distance(found_rounded, exact), 1.5 * distance(rounded, exact));
    EXPECT_LT(distance(rounded, exact), 1);
  }
  use_cpu_path(path);
  for (const char* kernel : {"mix_norm", "mix_norm_grad", "leaky_relu_squared", "leaky_relu_squared_grad",
                             "qk_norm_rotary", "qk_norm_rotary_grad", "finish_heads", "finish_heads_grad",
                             "softcap_nll", "softcap_nll_grad", "write_lanes", "write_lanes_grad"}) {
    const auto is_one = [&](const std::string& name) { return name.starts_with(std::string(kernel) + "<"); };
    EXPECT_TRUE(std::any_of(emulator_.kernels_run().begin(), emulator_.kernels_run().end(), is_one))
        << kernel;
  }
}

TEST(Emulator, RefusesABarrierThatSomeThreadsMiss) {
  EXPECT_THROW(simt::launch(1, 64,
                            [] {
                              if (threadIdx.x < 40) __syncthreads();
                            }),
               std::logic_error);
  EXPECT_THROW(simt::launch(1, 32,
                            [] {
                              if (threadIdx.x < 31) __shfl_sync(0xffffffffU, 1.0F, 0);
                            }),
               std::logic_error);
}

TEST(GpuCompiler, CompilesEveryKernelForAnH100) {
  if (const auto missing = cuda::nvrtc_missing()) GTEST_SKIP() << "skipped: no GPU compiler: " << *missing;
  // Sizes differ in the lengths of unrolled loops alone: those of 512 wide rows and heads of 64 stand for
  // all.
  const auto stands_for_others = [](const std::string& name) {
    const char size = name[name.find('<') + 1];
    if (size < '0' || size > '9') return true;
    const bool mixes_types =
        name.find("float, bf16") != std::string::npos || name.find("bf16, float") != std::string::npos;
    return size == (name.starts_with("mix_norm") || name.starts_with("write_lanes") ? '4' : '2') &&
           !mixes_types;
  };
  std::vector<std::string> names = all_kernels();
  std::erase_if(names, [&](const std::string& name) { return !stands_for_others(name); });
  ASSERT_EQ(names.size(), 24U);
  const cuda::CompiledKernels compiled = cuda::compile_kernels(names, 9, 0);
  EXPECT_EQ(compiled.image.substr(0, 4), "\177ELF");
  ASSERT_EQ(compiled.symbols.size(), names.size());
  for (const std::string& symbol : compiled.symbols) {
    EXPECT_NE(compiled.image.find(symbol), std::string::npos) << symbol;
  }
}

TEST(GpuCompiler, SaysWhatIsWrong) {
  if (const auto missing = cuda::nvrtc_missing()) GTEST_SKIP() << "skipped: no GPU compiler: " << *missing;
  try {
    cuda::compile_kernels(std::vector<std::string>{"mix_norm<4, float>"}, 9, 0);
    ADD_FAILURE() << "compiled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("NVRTC cannot compile"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace golf::test
