#pragma once

#include <cstdint>

namespace golf {

/// This process's place among the processes of a run.
struct RankInfo {
  int64_t rank = 0;
  int64_t world = 1;

  bool operator==(const RankInfo&) const = default;
};

}  // namespace golf
