#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "golf/train/parallel/rank_info.h"

namespace golf {

/// How a launcher says which process of a run this is and where the processes meet.
struct LaunchEnvironment {
  RankInfo ranks;
  int64_t local_rank = 0;   ///< among the processes of this machine: which GPU is ours
  int64_t local_world = 1;  ///< processes of this machine
  std::string master_address = "127.0.0.1";
  uint16_t master_port = 29'500;
  /// The launcher itself serves the store at that address (torchrun): rank 0 must not.
  bool launcher_serves_store = false;
  int64_t attempt = 0;   ///< how often the launcher has restarted the run
  std::string launcher;  ///< "torchrun", "slurm", "openmpi", "mpich"; empty for a process started alone

  bool operator==(const LaunchEnvironment&) const = default;
};

/// Looks up an environment variable. Libraries do not read the environment themselves.
using VariableLookup = std::function<std::optional<std::string>(const char* name)>;

/// Reads what torchrun (or anything that sets RANK and WORLD_SIZE), srun, Open MPI's or MPICH's mpirun have
/// set, the first of them that is there. Slurm counts only inside a step: a batch script's own process is
/// alone. Where the processes meet is MASTER_ADDR and MASTER_PORT; without them this machine, when all
/// processes are on it.
/// @throws Error kInvalidArgument naming the variable: one is missing, is no number, or contradicts another
LaunchEnvironment launch_environment(const VariableLookup& variable);

}  // namespace golf
