#pragma once

#include <cstdint>
#include <functional>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

struct PruneReport {
  uint64_t candidates = 0;      ///< integers of ±1 in int6 tensors
  uint64_t zeroed = 0;          ///< how many of them became 0
  uint64_t unpruned_bytes = 0;  ///< what `packed_bytes` said before
  uint64_t pruned_bytes = 0;    ///< and says now
  bool fits = false;            ///< pruned_bytes ≤ limit_bytes
};

/// PR 993's selective pruning: zeroes integers of ±1 in int6 tensors until the model packs into
/// `limit_bytes`. Those with the smallest float(scale)² go first; equal ones in the order of the tensors, and
/// row-major within. Nothing is zeroed when the model fits as it is, everything when even that does not
/// suffice; else the smallest count that fits is found by bisection, which takes the packed size for monotone
/// in the count, as the entry does.
/// @param packed_bytes  the size of the whole artifact for given values; called about 25 times
/// @throws Error kCorruptData from check_form()
/// Source: spec PR 993 §3. The entry's limit is int(15.149 · 2^20) less the bytes of its code.
PruneReport prune_to_fit(StoredModel& model, uint64_t limit_bytes,
                         const std::function<uint64_t(const StoredModel&)>& packed_bytes);

}  // namespace golf
