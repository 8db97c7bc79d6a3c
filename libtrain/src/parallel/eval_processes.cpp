#include "golf/train/parallel/eval_processes.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace golf {
namespace {

std::vector<std::string> gather_texts(const Communicator& ranks, torch::Device device,
                                      const std::string& text) {
  const int64_t world = ranks.ranks().world;
  const auto gathered = [&](const at::Tensor& own) {
    const at::Tensor all = at::empty({world * own.numel()}, own.options().device(device));
    ranks.all_gather(all, own.to(device)).wait();
    return all.cpu();
  };
  const at::Tensor lengths = gathered(at::full({1}, static_cast<int64_t>(text.size()), at::kLong));
  const int64_t longest = std::max<int64_t>(lengths.max().item<int64_t>(), 1);
  const at::Tensor own = at::zeros({longest}, at::kByte);
  std::memcpy(own.data_ptr(), text.data(), text.size());
  const at::Tensor all = gathered(own);
  std::vector<std::string> texts;
  for (int64_t rank = 0; rank < world; ++rank) {
    const auto* bytes = static_cast<const char*>(all.data_ptr()) + rank * longest;
    texts.emplace_back(bytes, static_cast<size_t>(lengths[rank].item<int64_t>()));
  }
  return texts;
}

}  // namespace

EvalProcesses eval_processes(const Communicator& ranks, torch::Device device) {
  if (ranks.alone()) return {};
  return {.index = ranks.ranks().rank,
          .count = ranks.ranks().world,
          .sum =
              [&ranks, device](const at::Tensor& values) {
                const at::Tensor there = values.to(device);
                ranks.all_reduce(there).wait();
                if (!device.is_cpu()) at::Tensor(values).copy_(there);
              },
          .gather = [&ranks, device](const std::string& text) { return gather_texts(ranks, device, text); }};
}

}  // namespace golf
