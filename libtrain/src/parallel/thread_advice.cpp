#include "golf/train/parallel/thread_advice.h"

#include <fmt/format.h>

namespace golf {

std::optional<std::string> thread_advice(const std::string& omp_num_threads, int threads, int64_t local_world,
                                         int64_t processors) {
  if (omp_num_threads != "1") return std::nullopt;
  return fmt::format(
      "threads: OMP_NUM_THREADS=1, which torchrun sets by itself, is not followed: each of {} ranks here "
      "uses "
      "{} of {} processors; --threads N sets another number",
      local_world, threads, processors);
}

}  // namespace golf
