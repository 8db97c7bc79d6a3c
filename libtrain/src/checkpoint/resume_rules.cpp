#include "golf/train/checkpoint/resume_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/json_leaves.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Keys, and sections with their last point, that may differ.
constexpr std::array<std::string_view, 16> kFree = {
    "name",
    "eval.",
    "export.",
    "data.val_pattern",
    "schedule.iterations",
    "schedule.max_wallclock_seconds",
    "schedule.warmup_steps",
    "training.val_every",
    "training.log_every",
    "training.checkpoint_every",
    "training.keep_checkpoints",
    "training.device",
    "training.dtype",  // what it stands for is in the checkpoint
    "training.threads",
    "training.cuda_graphs",
    "weights.final",
};

bool is_free(std::string_view key) {
  return std::any_of(kFree.begin(), kFree.end(), [&](std::string_view free) {
    return free.ends_with('.') ? key.starts_with(free) : key == free;
  });
}

}  // namespace

void require_resumable(const TrainConfig& saved, const TrainConfig& now) {
  const std::map<std::string, Json> before = leaves_of(to_json(saved)), after = leaves_of(to_json(now));
  std::map<std::string, Json> keys = before;
  keys.insert(after.begin(), after.end());
  const auto value = [](const std::map<std::string, Json>& leaves, const std::string& key) {
    const auto found = leaves.find(key);
    return found == leaves.end() ? Json() : found->second;
  };
  for (const auto& [key, any] : keys) {
    const Json was = value(before, key), is = value(after, key);
    if (was == is || is_free(key)) continue;
    fail(
        ErrorCode::kMismatch,
        fmt::format("the run began with {} = {}, this one has {}: give it what it began with (config.json in "
                    "its folder), or train in another folder",
                    key, was.dump(), is.dump()));
  }
}

}  // namespace golf
