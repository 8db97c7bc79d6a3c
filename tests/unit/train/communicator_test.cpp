// Ranks are threads here: each has a communicator of its own, and their rendezvous is over TCP, as for
// processes.
#include "golf/train/parallel/communicator.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "support/error_matchers.h"
#include "unit/train/rank_threads.h"

namespace golf {
namespace {

using test::free_port;
using test::run_ranks;

TEST(Communicator, SumsScattersGathersAndBroadcasts) {
  for (const int64_t world : {1, 2, 4}) {
    run_ranks(world, [world](Communicator& ranks) {
      const auto own_number = static_cast<double>(ranks.ranks().rank + 1);
      const double total = static_cast<double>(world * (world + 1)) / 2;

      const torch::Tensor values = at::arange(5, torch::kFloat) * own_number;
      ranks.all_reduce(values).wait();
      EXPECT_TRUE(at::equal(values, at::arange(5, torch::kFloat) * total));

      const torch::Tensor all = at::arange(3 * world, torch::kFloat) * own_number, own = at::empty({3});
      ranks.reduce_scatter(own, all).wait();
      EXPECT_TRUE(
          at::equal(own, at::arange(3 * world, torch::kFloat).narrow(0, 3 * ranks.ranks().rank, 3) * total));

      const torch::Tensor gathered = at::empty({2 * world});
      ranks.all_gather(gathered, at::full({2}, own_number)).wait();
      for (int64_t rank = 0; rank < world; ++rank) {
        EXPECT_EQ(gathered[2 * rank].item<double>(), static_cast<double>(rank + 1));
      }

      const torch::Tensor shared = at::full({4}, own_number);
      ranks.broadcast(shared);
      EXPECT_TRUE(at::equal(shared, at::ones({4})));

      EXPECT_EQ(ranks.all_reduce_max(own_number), static_cast<double>(world));
    });
  }
}

TEST(Communicator, TakesBfloat16) {
  run_ranks(2, [](Communicator& ranks) {
    const torch::Tensor values = at::ones({8}, torch::kBFloat16);
    ranks.all_reduce(values).wait();
    EXPECT_TRUE(at::equal(values, at::full({8}, 2, torch::kBFloat16)));
  });
}

TEST(Communicator, OperationsUnderWayTogetherDoNotMix) {
  run_ranks(2, [](Communicator& ranks) {
    std::vector<torch::Tensor> tensors;
    std::vector<Work> pending;
    for (int i = 0; i < 8; ++i) tensors.push_back(at::full({1000}, i, torch::kFloat));
    for (const torch::Tensor& tensor : tensors) pending.push_back(ranks.all_reduce(tensor));
    for (const Work& one : pending) one.wait();
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(at::equal(tensors[i], at::full({1000}, 2 * i, torch::kFloat)));
  });
}

TEST(Communicator, RefusesRanksThatDiffer) {
  run_ranks(3, [](Communicator& ranks) {
    ranks.require_same("seed", "1337");
    EXPECT_GOLF_ERROR(ranks.require_same("configuration", ranks.ranks().rank == 2 ? "b" : "a"),
                      ErrorCode::kMismatch, "ranks 0 and 2 differ in configuration");
  });
}

TEST(Communicator, TellsTheOthersWhyARankFailed) {
  std::mutex mutex;
  std::vector<std::string> heard;
  CommunicatorOptions options;
  options.rank_timeout = std::chrono::seconds(5);
  options.on_lost = [&](const std::string& why) {
    const std::lock_guard lock(mutex);
    heard.push_back(why);
  };
  run_ranks(
      3,
      [](Communicator& ranks) {
        if (ranks.ranks().rank == 1) {
          ranks.report_failure("step 5: the training loss is not finite");
        } else {  // a rank that failed takes no part; these two would wait for it for ever
          std::this_thread::sleep_for(std::chrono::seconds(2));
        }
      },
      options);
  const std::string expected = "rank 1 failed: step 5: the training loss is not finite";
  EXPECT_EQ(heard, (std::vector<std::string>{expected, expected}));
}

TEST(Communicator, GivesUpWhenARankDoesNotCome) {
  LaunchEnvironment environment;
  environment.ranks = {.rank = 0, .world = 2};
  environment.master_port = free_port();
  CommunicatorOptions options;
  options.rendezvous_timeout = std::chrono::milliseconds(300);
  EXPECT_GOLF_ERROR(Communicator(environment, options), ErrorCode::kRunFailed,
                    "127.0.0.1:" + std::to_string(environment.master_port));
}

}  // namespace
}  // namespace golf
