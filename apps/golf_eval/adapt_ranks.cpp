#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "common/console.h"
#include "common/environment.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/train/parallel/communicator.h"
#include "golf_eval/adapt_run.h"

namespace golf {
namespace {

/// The ranks compute on the processor or a GPU of their own; what they exchange lies on the processor.
CommunicatorOptions communicator_options(const RankInfo& ranks) {
  return {.rank_timeout = std::chrono::minutes(2), .on_lost = [ranks](const std::string& why) {
            // The main thread may be waiting for the lost rank inside LibTorch for ever.
            print_stderr(printable(fmt::format("golf-eval: rank {}: {}", ranks.rank, why), 4'095) + "\n");
            std::_Exit(static_cast<int>(ExitCode::kRunFailed));
          }};
}

std::vector<std::string> gather(const Communicator& ranks, const std::string& text) {
  const int64_t world = ranks.ranks().world;
  const at::Tensor length = at::full({1}, static_cast<int64_t>(text.size()), at::kLong);
  const at::Tensor lengths = at::empty({world}, at::kLong);
  ranks.all_gather(lengths, length).wait();
  const int64_t longest = std::max<int64_t>(lengths.max().item<int64_t>(), 1);
  const at::Tensor own = at::zeros({longest}, at::kByte), all = at::empty({world * longest}, at::kByte);
  std::memcpy(own.data_ptr(), text.data(), text.size());
  ranks.all_gather(all, own).wait();
  std::vector<std::string> texts;
  for (int64_t rank = 0; rank < world; ++rank) {
    const auto* bytes = static_cast<const char*>(all.data_ptr()) + rank * longest;
    texts.emplace_back(bytes, static_cast<size_t>(lengths[rank].item<int64_t>()));
  }
  return texts;
}

}  // namespace

struct AdaptRanks::Parts {
  explicit Parts(const LaunchEnvironment& launch)
      : ranks(launch, communicator_options(launch.ranks)), local_rank(launch.local_rank) {}
  Communicator ranks;
  int64_t local_rank;
};

AdaptRanks::AdaptRanks(bool shared)
    : parts_(
          std::make_unique<Parts>(shared ? launch_environment(environment_variable) : LaunchEnvironment{})) {}
AdaptRanks::~AdaptRanks() = default;

Runtime AdaptRanks::own(Runtime runtime) const {
  if (!alone() && runtime.device.is_cuda() && !runtime.device.has_index()) {
    runtime.device.set_index(static_cast<c10::DeviceIndex>(parts_->local_rank));
  }
  return runtime;
}

AdaptProcesses AdaptRanks::processes() const {
  const Communicator& ranks = parts_->ranks;
  return {.index = ranks.ranks().rank,
          .count = ranks.ranks().world,
          .sum = [&ranks](const at::Tensor& values) { ranks.all_reduce(values).wait(); },
          .gather = [&ranks](const std::string& text) { return gather(ranks, text); }};
}

bool AdaptRanks::first() const { return parts_->ranks.first(); }
bool AdaptRanks::alone() const { return parts_->ranks.alone(); }
void AdaptRanks::require_same(const std::string& identity) const {
  parts_->ranks.require_same("model, text or settings", identity);
}
void AdaptRanks::finish() const { parts_->ranks.finish(); }
void AdaptRanks::report_failure(const std::string& why) const { parts_->ranks.report_failure(why); }

}  // namespace golf
