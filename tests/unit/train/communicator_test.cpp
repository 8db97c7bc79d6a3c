// Ranks are threads here: each has a communicator of its own, and they meet as processes do, over TCP.
#include "golf/train/parallel/communicator.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "support/error_matchers.h"

namespace golf {
namespace {

/// A port that was free a moment ago.
uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

/// Runs `body` once for each rank, each on its own thread with its own communicator.
void run_ranks(int64_t world, const std::function<void(Communicator&)>& body,
               const CommunicatorOptions& options = {}) {
  const uint16_t port = free_port();
  std::vector<std::thread> threads;
  for (int64_t rank = 0; rank < world; ++rank) {
    threads.emplace_back([&, rank] {
      LaunchEnvironment environment;
      environment.ranks = {.rank = rank, .world = world};
      environment.master_port = port;
      Communicator communicator(environment, options);
      body(communicator);
      communicator.finish();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Communicator, SumsScattersGathersAndBroadcasts) {
  for (const int64_t world : {1, 2, 4}) {
    run_ranks(world, [world](Communicator& ranks) {
      const auto own_number = static_cast<double>(ranks.ranks().rank + 1);
      const double total = static_cast<double>(world * (world + 1)) / 2;

      const torch::Tensor values = at::arange(5, torch::kFloat) * own_number;
      ranks.sum(values).wait();
      EXPECT_TRUE(at::equal(values, at::arange(5, torch::kFloat) * total));

      const torch::Tensor all = at::arange(3 * world, torch::kFloat) * own_number, own = at::empty({3});
      ranks.sum_scatter(own, all).wait();
      EXPECT_TRUE(
          at::equal(own, at::arange(3 * world, torch::kFloat).narrow(0, 3 * ranks.ranks().rank, 3) * total));

      const torch::Tensor gathered = at::empty({2 * world});
      ranks.gather(gathered, at::full({2}, own_number)).wait();
      for (int64_t rank = 0; rank < world; ++rank) {
        EXPECT_EQ(gathered[2 * rank].item<double>(), static_cast<double>(rank + 1));
      }

      const torch::Tensor shared = at::full({4}, own_number);
      ranks.broadcast(shared);
      EXPECT_TRUE(at::equal(shared, at::ones({4})));

      EXPECT_EQ(ranks.max(own_number), static_cast<double>(world));
      EXPECT_EQ(ranks.sum(own_number), total);
    });
  }
}

TEST(Communicator, TakesBfloat16) {
  run_ranks(2, [](Communicator& ranks) {
    const torch::Tensor values = at::ones({8}, torch::kBFloat16);
    ranks.sum(values).wait();
    EXPECT_TRUE(at::equal(values, at::full({8}, 2, torch::kBFloat16)));
  });
}

TEST(Communicator, OperationsUnderWayTogetherDoNotMix) {
  run_ranks(2, [](Communicator& ranks) {
    std::vector<torch::Tensor> tensors;
    std::vector<Pending> pending;
    for (int i = 0; i < 8; ++i) tensors.push_back(at::full({1000}, i, torch::kFloat));
    for (const torch::Tensor& tensor : tensors) pending.push_back(ranks.sum(tensor));
    for (const Pending& one : pending) one.wait();
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
  options.meeting_timeout = std::chrono::milliseconds(300);
  EXPECT_GOLF_ERROR(Communicator(environment, options), ErrorCode::kRunFailed,
                    "127.0.0.1:" + std::to_string(environment.master_port));
}

}  // namespace
}  // namespace golf
