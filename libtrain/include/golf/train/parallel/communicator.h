#pragma once

#include <torch/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// An operation that may still run. Its tensors may be read after wait() and must not be touched before.
struct Work {
  std::function<void()> wait;
};

/// Where the tensors of a run's processes are, and how long the processes wait for each other.
struct CommunicatorOptions {
  torch::Device device = torch::kCPU;  ///< Gloo on the CPU, NCCL on a GPU
  std::chrono::milliseconds rendezvous_timeout{60'000};
  /// A rank without a heartbeat for this long is lost.
  std::chrono::milliseconds rank_timeout{20'000};
  /// Called once, on a thread of the communicator, with the reason why this run cannot continue: which rank
  /// is lost or has failed. The main thread may be waiting for that rank for ever, so this should end the
  /// process.
  std::function<void(const std::string& why)> on_lost = {};
};

/// The processes of one run and what they do together. All ranks make the same calls in the same order.
/// Results are the same on all ranks and, for one number of ranks, in every run. The tensors are contiguous,
/// float32 or bfloat16, on the communicator's device.
class Communicator {
 public:
  /// One process alone: every operation is done at once.
  Communicator();
  /// The same, to borrow.
  static const Communicator& solo();
  /// Waits for the rendezvous with the other ranks, for at most rendezvous_timeout.
  /// @throws Error kRunFailed naming address, port and rank
  Communicator(const LaunchEnvironment& environment, const CommunicatorOptions& options);
  Communicator(Communicator&&) noexcept;
  ~Communicator();

  const RankInfo& ranks() const { return ranks_; }
  bool alone() const { return ranks_.world == 1; }
  bool first() const { return ranks_.rank == 0; }

  /// Sums over the ranks, in place.
  Work all_reduce(torch::Tensor values) const;
  /// own [n] ← the sum over the ranks of their all [W·n], of which rank r gets the r-th n.
  Work reduce_scatter(torch::Tensor own, torch::Tensor all) const;
  /// all [W·n] ← every rank's own [n], in the order of the ranks.
  Work all_gather(torch::Tensor all, torch::Tensor own) const;
  /// Every rank gets rank 0's values, in place.
  void broadcast(torch::Tensor values) const;
  /// The largest value that any rank gave.
  double all_reduce_max(double value) const;
  /// The same for each of several, in place: float64 on the CPU, whatever the communicator's device.
  Work all_reduce_max(torch::Tensor values) const;

  /// Checks that every rank has the same text.
  /// @throws Error kMismatch on all ranks, naming `what` and two ranks that differ
  void require_same(const std::string& what, const std::string& text) const;
  /// Tells the other ranks why this one cannot continue, so that they stop as well. Best effort.
  void report_failure(const std::string& why) const noexcept;
  /// Waits for all ranks; after this one may leave without being missed. For the end of a run that went well:
  /// it does nothing after report_failure().
  void finish() const;

 private:
  struct Backends;
  /// Waits until every rank has seen why all of them fail: one that left earlier, perhaps with the store,
  /// would look lost to the others.
  void agree_to_fail(const std::string& why) const;

  RankInfo ranks_;
  std::unique_ptr<Backends> backends_;  // null when alone
};

}  // namespace golf
