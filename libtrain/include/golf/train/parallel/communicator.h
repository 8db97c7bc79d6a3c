#pragma once

#include <torch/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// An operation under way; its tensors may be read after wait() and must not be touched before.
struct Pending {
  std::function<void()> wait;
};

/// How the processes of a run meet and how long they have patience with each other.
struct CommunicatorOptions {
  torch::Device device = torch::kCPU;  ///< Gloo on the CPU, NCCL on a GPU
  std::chrono::milliseconds meeting_timeout{60'000};
  /// A rank that gave no sign of life for so long is lost.
  std::chrono::milliseconds rank_timeout{20'000};
  /// Told once, on a thread of the communicator, why this run cannot go on: which rank is lost or has failed.
  /// The main thread may be waiting for that rank for ever, so this should end the process.
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
  /// Meets the other ranks: all must come within meeting_timeout.
  /// @throws Error kRunFailed naming address, port and rank
  Communicator(const LaunchEnvironment& environment, const CommunicatorOptions& options);
  Communicator(Communicator&&) noexcept;
  ~Communicator();

  const RankInfo& ranks() const { return ranks_; }
  bool alone() const { return ranks_.world == 1; }
  bool first() const { return ranks_.rank == 0; }

  /// Sums over the ranks, in place.
  Pending sum(torch::Tensor values) const;
  /// own [n] ← the sum over the ranks of their all [W·n], of which rank r gets the r-th n.
  Pending sum_scatter(torch::Tensor own, torch::Tensor all) const;
  /// all [W·n] ← every rank's own [n], in the order of the ranks.
  Pending gather(torch::Tensor all, torch::Tensor own) const;
  /// Every rank gets rank 0's values, in place.
  void broadcast(torch::Tensor values) const;
  /// The largest value that any rank gave.
  double max(double value) const;
  /// The same for each of several, in place: float64 on the CPU, whatever the communicator's device.
  Pending max(torch::Tensor values) const;
  /// The sum of what the ranks gave, in float64 and in the order of the ranks.
  double sum(double value) const;

  /// Refuses to go on unless every rank has the same text.
  /// @throws Error kMismatch on all ranks, naming `what` and two ranks that differ
  void require_same(const std::string& what, const std::string& text) const;
  /// Tells the other ranks why this one cannot go on, so that they stop as well. Best effort.
  void report_failure(const std::string& why) const noexcept;
  /// Waits for all ranks; after this one may leave without being missed. For the end of a run that went well:
  /// it does nothing after report_failure().
  void finish() const;

 private:
  struct Engine;
  RankInfo ranks_;
  std::unique_ptr<Engine> engine_;  // null when alone
};

}  // namespace golf
