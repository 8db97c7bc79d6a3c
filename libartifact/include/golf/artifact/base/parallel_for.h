#pragma once

#include <cstddef>
#include <functional>

namespace golf {

/// Calls body(i) for every i in [0, count) on up to `threads` threads; 0 means one per processor.
/// Each index is its own piece of work, so results cannot depend on the thread count.
/// The exception of the lowest failing index is rethrown after all threads have stopped.
void parallel_for(size_t count, int threads, const std::function<void(size_t)>& body);

}  // namespace golf
