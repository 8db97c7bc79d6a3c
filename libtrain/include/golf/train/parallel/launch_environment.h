#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace golf {

/// This process's place among the processes of a run.
struct RankInfo {
  int64_t rank = 0;
  int64_t world = 1;

  bool operator==(const RankInfo&) const = default;
};

/// Which process of a run this is and where the rendezvous of the processes is, as a launcher says it.
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

/// Reads the variables of the first of these launchers that has set any: torchrun (or anything that sets RANK
/// and WORLD_SIZE), srun, Open MPI's or MPICH's mpirun. Slurm counts only inside a step: the process of a
/// batch script is alone. The rendezvous is at MASTER_ADDR and MASTER_PORT; without them on this machine,
/// when all processes are on it.
/// @throws Error kInvalidArgument naming the variable: one is missing, is no number, or contradicts another
LaunchEnvironment launch_environment(const VariableLookup& variable);

/// The log's line about OMP_NUM_THREADS=1, which torchrun sets for several ranks unless it is set already.
/// golf-train does not use that value. Nothing when the variable has another value.
/// @param omp_num_threads  the variable's value, empty when not set
/// @param threads          that each rank computes with
/// @param local_world      ranks on this machine
/// @param processors       of this machine
std::optional<std::string> thread_advice(const std::string& omp_num_threads, int threads, int64_t local_world,
                                         int64_t processors);

}  // namespace golf
