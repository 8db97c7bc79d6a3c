#pragma once

#include "golf/score/ngram_table.h"

namespace golf {

/// The counts of an n-gram table by bucket.
struct NgramTableCells {
  const NgramTable& table;

  uint32_t context_count(int order, int64_t bucket) const {
    return table.context_cell(order - table.min_order(), static_cast<uint32_t>(bucket));
  }
  uint32_t full_count(int order, int64_t bucket) const {
    return table.full_cell(order - table.min_order() + 1, static_cast<uint32_t>(bucket));
  }
};

}  // namespace golf
