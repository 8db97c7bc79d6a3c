#include "golf/train/parallel/gradient_reducer.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <utility>

namespace golf {

GradientBucket::GradientBucket(std::vector<NamedParameter> bucket_members, bool is_scattered,
                               const RankInfo& ranks)
    : members(std::move(bucket_members)), scattered(is_scattered) {
  int64_t elements = 0;
  for (const NamedParameter& member : members) elements += member.tensor.numel();
  const torch::Tensor& first = members.front().tensor;
  const auto options = first.options().dtype(torch::kFloat).requires_grad(false);
  all = at::zeros({scattered ? ranks.world * first.numel() : elements}, options);
  own = scattered ? at::zeros(first.sizes(), options) : all;
  int64_t offset = 0;
  for (const NamedParameter& member : members) {
    views.push_back(all.narrow(0, offset, member.tensor.numel()).view(member.tensor.sizes()));
    offset += member.tensor.numel();
  }
}

/// Hears when a parameter's gradient of one backward pass is complete.
struct GradientReducer::Hook : torch::autograd::PostAccumulateGradHook {
  Hook(GradientReducer* to, size_t of) : reducer(to), bucket(of) {}
  void operator()(const torch::autograd::Variable&) override { reducer->arrived(bucket); }

  GradientReducer* reducer;
  size_t bucket;
};

GradientReducer::GradientReducer(const Communicator& ranks,
                                 std::vector<std::shared_ptr<GradientBucket>> buckets)
    : ranks_(ranks), buckets_(std::move(buckets)), missing_(buckets_.size()), work_(buckets_.size()) {
  for (size_t i = 0; i < buckets_.size(); ++i) {
    for (const NamedParameter& member : buckets_[i]->members) {
      torch::autograd::impl::set_post_acc_grad_hooks(member.tensor, std::make_unique<Hook>(this, i));
    }
  }
}

GradientReducer::~GradientReducer() {
  for (const auto& bucket : buckets_) {
    for (const NamedParameter& member : bucket->members) {
      torch::autograd::impl::set_post_acc_grad_hooks(member.tensor, nullptr);
    }
  }
}

void GradientReducer::begin() {
  for (const auto& bucket : buckets_) {
    bucket->all.zero_();
    // A backward pass adds to a gradient that is there already, so the sums form in the buffer.
    for (size_t i = 0; i < bucket->members.size(); ++i) {
      bucket->members[i].tensor.mutable_grad() = bucket->views[i];
    }
  }
}

void GradientReducer::last_backward() {
  for (size_t i = 0; i < buckets_.size(); ++i) {
    missing_[i] = static_cast<int64_t>(buckets_[i]->members.size());
  }
  sending_ = true;
}

void GradientReducer::arrived(size_t bucket) {
  if (sending_ && --missing_[bucket] == 0) send(bucket);
}

void GradientReducer::send(size_t bucket) {
  GradientBucket& sent = *buckets_[bucket];
  work_[bucket] =
      sent.scattered ? ranks_.reduce_scatter(sent.own.view({-1}), sent.all) : ranks_.all_reduce(sent.all);
}

void GradientReducer::finish() {
  sending_ = false;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (!work_[i].wait) send(i);  // a parameter that this step did not use
  }
  for (size_t i = 0; i < buckets_.size(); ++i) {
    std::exchange(work_[i], Work{}).wait();
    buckets_[i]->own.div_(static_cast<double>(ranks_.ranks().world));
  }
}

std::vector<torch::Tensor> GradientReducer::unaveraged() const {
  std::vector<torch::Tensor> tensors;
  for (const auto& bucket : buckets_) tensors.push_back(bucket->all);
  return tensors;
}

std::vector<torch::Tensor> GradientReducer::shared() const {
  std::vector<torch::Tensor> tensors;
  for (const auto& bucket : buckets_) {
    if (!bucket->scattered) tensors.push_back(bucket->all);
  }
  return tensors;
}

std::vector<torch::Tensor> GradientReducer::own() const {
  std::vector<torch::Tensor> tensors;
  for (const auto& bucket : buckets_) {
    if (bucket->scattered) tensors.push_back(bucket->own);
  }
  return tensors;
}

}  // namespace golf
