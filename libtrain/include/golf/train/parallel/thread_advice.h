#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace golf {

/// What a run's log says where the launcher has set OMP_NUM_THREADS=1, as torchrun does for several ranks
/// unless it is set: golf-train does not follow that, and leaving it at one thread unsaid would make people
/// look for the rest. Nothing when there is nothing to say.
/// @param omp_num_threads  the variable's value, empty when not set
/// @param threads          that each rank computes with
/// @param local_world      ranks on this machine
/// @param processors       of this machine
std::optional<std::string> thread_advice(const std::string& omp_num_threads, int threads, int64_t local_world,
                                         int64_t processors);

}  // namespace golf
