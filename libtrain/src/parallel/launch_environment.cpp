#include "golf/train/parallel/launch_environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// The variables of one launcher.
struct Launcher {
  const char* name;
  const char *rank, *world, *local_rank, *local_world;
};
constexpr Launcher kLaunchers[] = {
    {"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
    {"openmpi", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"mpich", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
};

int64_t number(const char* name, const std::string& text, int64_t low, int64_t high) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}={}: expected a whole number from {} to {}; let the launcher set it", name, text, low,
                     high));
  }
  return value;
}

const Launcher* find_launcher(const VariableLookup& variable) {
  for (const Launcher& launcher : kLaunchers) {
    const bool rank = variable(launcher.rank).has_value(), world = variable(launcher.world).has_value();
    if (rank && world) return &launcher;
    // Slurm sets the rank, 0, for a batch script too; only torchrun's pair belongs together.
    if (rank != world && &launcher == kLaunchers) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("{} is set and {} is not: a run of several processes needs both, a single process "
                       "neither (unset it)",
                       rank ? "RANK" : "WORLD_SIZE", rank ? "WORLD_SIZE" : "RANK"));
    }
  }
  return nullptr;
}

}  // namespace

LaunchEnvironment launch_environment(const VariableLookup& variable) {
  constexpr int64_t kMostRanks = 65'536;
  LaunchEnvironment environment;
  const Launcher* launcher = find_launcher(variable);
  if (launcher == nullptr) return environment;
  environment.launcher = launcher->name;
  const auto read = [&](const char* name, int64_t low, int64_t high, int64_t otherwise) {
    const std::optional<std::string> text = variable(name);
    return text ? number(name, *text, low, high) : otherwise;
  };
  const int64_t world = read(launcher->world, 1, kMostRanks, 1);
  environment.ranks = {.rank = read(launcher->rank, 0, world - 1, 0), .world = world};
  environment.local_rank = read(launcher->local_rank, 0, world - 1, environment.ranks.rank);
  // Slurm's is what the job may have on a machine; a step may have fewer tasks in all.
  environment.local_world = std::min(read(launcher->local_world, 1, kMostRanks, world), world);

  const std::optional<std::string> address = variable("MASTER_ADDR"), port = variable("MASTER_PORT");
  if (world > 1 && !address && environment.local_world < world) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("MASTER_ADDR is not set, and only {} of the {} processes are on this machine: set it to "
                     "the machine of rank 0, and MASTER_PORT to a free port there",
                     environment.local_world, world));
  }
  if (address) environment.master_address = *address;
  if (port) environment.master_port = static_cast<uint16_t>(number("MASTER_PORT", *port, 1, 65'535));
  environment.attempt = read("TORCHELASTIC_RESTART_COUNT", 0, INT32_MAX, 0);
  environment.launcher_serves_store = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  return environment;
}

std::optional<std::string> thread_advice(const std::string& omp_num_threads, int threads, int64_t local_world,
                                         int64_t processors) {
  if (omp_num_threads != "1") return std::nullopt;
  return fmt::format(
      "threads: OMP_NUM_THREADS=1, which torchrun sets by itself, is not used: each of {} ranks here "
      "uses {} of {} processors; --threads N sets another number",
      local_world, threads, processors);
}

}  // namespace golf
