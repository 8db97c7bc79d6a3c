#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace golf {

/// What linear prediction learns from: sums of products of columns over rows. The first `given` columns
/// belong to another plane's rows, the rest to those of the plane that is coded.
struct Moments {
  size_t given = 0;
  size_t columns = 0;  ///< without those given
  uint64_t rows = 0;
  std::vector<int64_t> products = {};  ///< [all, all], lower triangle: Σ over rows of x_i · x_j

  size_t all() const { return given + columns; }

  /// Whatever was learnt counts less by a 2^shift-th part; none for 0.
  void forget(int shift) {
    if (shift == 0) return;
    rows -= rows >> shift;
    for (int64_t& product : products) product -= product >> shift;
  }
};

}  // namespace golf
