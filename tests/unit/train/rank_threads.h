#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "golf/train/parallel/communicator.h"

namespace golf::test {

/// A port that was free a moment ago.
inline uint16_t free_port() {
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
inline void run_ranks(int64_t world, const std::function<void(Communicator&)>& body,
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

}  // namespace golf::test
