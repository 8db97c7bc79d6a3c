#pragma once

#include <cstdint>

namespace golf {

/// Where a loader goes on: what a checkpoint needs of it. The same on all ranks.
struct DataPosition {
  uint64_t shard = 0;
  uint64_t offset = 0;  ///< tokens of the shard; of the shuffled order micro-batches so far, shard is 0
  bool operator==(const DataPosition&) const = default;
};

}  // namespace golf
