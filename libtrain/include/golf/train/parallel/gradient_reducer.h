#pragma once

#include <memory>
#include <vector>

#include "golf/train/named_parameter.h"
#include "golf/train/parallel/communicator.h"

namespace golf {

/// Parameters whose gradients lie one after the other in one float32 buffer and are averaged over the ranks
/// as one message.
struct GradientBucket {
  /// @param scattered  each rank gets the average of one member only, that of its own number: there are at
  ///                   most as many members as ranks, all of one shape; else every rank gets all
  GradientBucket(std::vector<NamedParameter> members, bool scattered, const RankInfo& ranks);

  std::vector<NamedParameter> members;
  bool scattered;
  torch::Tensor all;  ///< the members' own gradients, padded where scattered
  torch::Tensor own;  ///< what this rank gets: `all` itself, or its member's average in the member's shape
  std::vector<torch::Tensor> views;  ///< of `all`, one a member, in its shape
};

/// Averages gradients over the ranks while the backward pass still runs, as the reducer of torch's
/// DistributedDataParallel does: in the last backward pass of a step, a bucket is sent as soon as its last
/// gradient is complete. Not for a process alone.
class GradientReducer {
 public:
  /// Buckets in the same order on all ranks. Borrows the communicator.
  GradientReducer(const Communicator& ranks, std::vector<std::shared_ptr<GradientBucket>> buckets);
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// Before a step's first backward pass: the members' gradients become zeros in the buffers.
  void begin();
  /// Before its last backward pass: from here on buckets are sent.
  void last_backward();
  /// After it: sends what has not been sent, waits, and turns sums into averages.
  void finish();

  /// This rank's own gradients, before finish(): for a submission that clips before it averages.
  std::vector<torch::Tensor> unaveraged() const;
  /// After finish(): averages that every rank has, and those that only this one has.
  std::vector<torch::Tensor> shared() const;
  std::vector<torch::Tensor> own() const;

 private:
  struct Hook;
  void arrived(size_t bucket);
  void send(size_t bucket);

  const Communicator& ranks_;
  std::vector<std::shared_ptr<GradientBucket>> buckets_;
  std::vector<int64_t> missing_;  // gradients that a bucket waits for
  std::vector<Work> work_;        // by bucket; empty until it is sent
  bool sending_ = false;
};

}  // namespace golf
