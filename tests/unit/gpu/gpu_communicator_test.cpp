// NCCL: one rank on one GPU; two ranks where there are two GPUs.
#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include "golf/train/device/device.h"
#include "parallel/backend.h"
#include "unit/gpu/gpu_fixture.h"
#include "unit/train/rank_threads.h"
#include "unit/train/tiny_run.h"

namespace golf {
namespace {

class GpuCommunicator : public test::Gpu {
 protected:
  void SetUp() override {
    Gpu::SetUp();
    if (!IsSkipped() && !has_nccl()) GTEST_SKIP() << "skipped: no GPU engine in this build";
  }
};

TEST_F(GpuCommunicator, OfOneRankSumsScattersAndGathers) {
  const auto options = at::TensorOptions().dtype(torch::kFloat).device(torch::kCUDA, 0);
  const auto nccl = make_nccl_backend(c10::make_intrusive<c10d::HashStore>(), {.rank = 0, .world = 1},
                                      std::chrono::seconds(60));
  torch::Tensor values = at::arange(5, options);
  std::vector<at::Tensor> list = {values};
  nccl->allreduce(list)->wait();
  EXPECT_TRUE(at::equal(values.cpu(), at::arange(5, torch::kFloat)));
  torch::Tensor own = at::empty({4}, options), all = at::arange(4, options);
  nccl->_reduce_scatter_base(own, all)->wait();
  EXPECT_TRUE(at::equal(own.cpu(), at::arange(4, torch::kFloat)));
  torch::Tensor gathered = at::empty({4}, options);
  nccl->_allgather_base(gathered, own)->wait();
  EXPECT_TRUE(at::equal(gathered.cpu(), own.cpu()));
  nccl->shutdown();
}

TEST_F(GpuCommunicator, OfTwoGpusTakesTheStepsOfOne) {
  if (at::getNumGPUs() < 2) GTEST_SKIP() << "skipped: no GPU beside the first";
  test::TinyRun run;
  run.config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  for (const bool graphs : {false, true}) {
    run.config.training.cuda_graphs = graphs;
    Trainer alone = run.trainer(Communicator::solo(), {torch::kCUDA, 0});
    std::vector<double> expected;
    for (int i = 0; i < 4; ++i) expected.push_back(alone.step(0).loss.item<double>());
    const uint16_t port = test::free_port();
    std::vector<std::thread> threads;
    for (int64_t rank = 0; rank < 2; ++rank) {
      threads.emplace_back([&, rank] {
        const torch::Device device(torch::kCUDA, static_cast<c10::DeviceIndex>(rank));
        use_device(device);
        LaunchEnvironment environment;
        environment.ranks = {.rank = rank, .world = 2};
        environment.master_port = port;
        const Communicator ranks(environment, {.device = device});
        Trainer trainer = run.trainer(ranks, device);
        for (const double loss : expected)
          EXPECT_NEAR(trainer.step(0).loss.item<double>(), loss, 1e-4 * loss);
        ranks.finish();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace golf
