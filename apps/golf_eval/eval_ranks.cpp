#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "common/console.h"
#include "common/environment.h"
#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/train/parallel/eval_processes.h"
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

}  // namespace

struct EvalRanks::Parts {
  explicit Parts(const LaunchEnvironment& launch)
      : ranks(launch, communicator_options(launch.ranks)), local_rank(launch.local_rank) {}
  Communicator ranks;
  int64_t local_rank;
};

EvalRanks::EvalRanks(bool shared)
    : parts_(
          std::make_unique<Parts>(shared ? launch_environment(environment_variable) : LaunchEnvironment{})) {}
EvalRanks::~EvalRanks() = default;

Runtime EvalRanks::own(Runtime runtime) const {
  if (!alone() && runtime.device.is_cuda() && !runtime.device.has_index()) {
    runtime.device.set_index(static_cast<c10::DeviceIndex>(parts_->local_rank));
  }
  return runtime;
}

EvalProcesses EvalRanks::processes() const { return eval_processes(parts_->ranks, at::kCPU); }

bool EvalRanks::first() const { return parts_->ranks.first(); }
bool EvalRanks::alone() const { return parts_->ranks.alone(); }
void EvalRanks::require_same(const std::string& identity) const {
  parts_->ranks.require_same("model, text or settings", identity);
}
void EvalRanks::finish() const { parts_->ranks.finish(); }
void EvalRanks::report_failure(const std::string& why) const { parts_->ranks.report_failure(why); }

}  // namespace golf
