#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace golf {

/// A whole number below `count`, the same on every machine: the generator's words are the standard's, its
/// distributions are not.
inline size_t draw_below(std::mt19937_64& random, size_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<size_t>(Wide{random()} * count >> 64U);
}

}  // namespace golf
