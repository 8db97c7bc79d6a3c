// Every GPU kernel on a GPU: the cases that the emulator runs elsewhere (unit/model/gpu_kernels_test.cpp).
#include "golf/model/gpu_kernels.h"
#include "unit/gpu/gpu_fixture.h"
#include "unit/model/kernel_cases.h"

namespace golf::test {
namespace {

const torch::Device kGpu(torch::kCUDA, 0);

class GpuKernels : public Gpu {
 protected:
  void SetUp() override {
    Gpu::SetUp();
    if (IsSkipped()) return;
    if (const auto missing = gpu_kernels_missing()) FAIL() << "the kernels do not run: " << *missing;
  }
};

TEST_F(GpuKernels, MixAndNorm) { check_mix_norm(kGpu); }
TEST_F(GpuKernels, WriteLanes) { check_write_lanes(kGpu); }
TEST_F(GpuKernels, LeakyReluSquared) { check_leaky_relu_squared(kGpu); }
TEST_F(GpuKernels, NormRotateAndGain) { check_qk_norm_rotary(kGpu); }
TEST_F(GpuKernels, ExclusiveAttentionAndGate) { check_finish_heads(kGpu); }
TEST_F(GpuKernels, SoftcappedLoss) { check_softcap_nll(kGpu); }

}  // namespace
}  // namespace golf::test
