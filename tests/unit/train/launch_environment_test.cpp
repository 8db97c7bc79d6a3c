#include "golf/train/parallel/launch_environment.h"

#include <gtest/gtest.h>

#include <map>

#include "support/error_matchers.h"

namespace golf {
namespace {

using Variables = std::map<std::string, std::string>;

LaunchEnvironment read(const Variables& variables) {
  return launch_environment([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(LaunchEnvironment, OfAProcessStartedAloneIsOneRank) {
  EXPECT_EQ(read({}), LaunchEnvironment{});
  EXPECT_EQ(read({{"MASTER_ADDR", "example.org"}}), LaunchEnvironment{});
}

TEST(LaunchEnvironment, ReadsTorchrun) {
  const LaunchEnvironment environment = read({{"RANK", "5"},
                                              {"WORLD_SIZE", "16"},
                                              {"LOCAL_RANK", "1"},
                                              {"LOCAL_WORLD_SIZE", "4"},
                                              {"MASTER_ADDR", "10.0.0.7"},
                                              {"MASTER_PORT", "29401"},
                                              {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                              {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(environment, (LaunchEnvironment{.ranks = {.rank = 5, .world = 16},
                                            .local_rank = 1,
                                            .local_world = 4,
                                            .master_address = "10.0.0.7",
                                            .master_port = 29'401,
                                            .launcher_serves_store = true,
                                            .attempt = 2,
                                            .launcher = "torchrun"}));
}

TEST(LaunchEnvironment, TorchrunUnderSlurmIsTorchrun) {
  const LaunchEnvironment environment =
      read({{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}});
  EXPECT_EQ(environment.launcher, "torchrun");
  EXPECT_EQ(environment.ranks.rank, 1);
}

TEST(LaunchEnvironment, ReadsSlurmAndBothKindsOfMpirun) {
  const LaunchEnvironment slurm = read({{"SLURM_PROCID", "3"},
                                        {"SLURM_STEP_NUM_TASKS", "4"},
                                        {"SLURM_LOCALID", "1"},
                                        {"SLURM_NTASKS_PER_NODE", "2"},
                                        {"MASTER_ADDR", "node1"}});
  EXPECT_EQ(slurm.ranks, (RankInfo{.rank = 3, .world = 4}));
  EXPECT_EQ(slurm.local_rank, 1);
  const LaunchEnvironment openmpi = read(
      {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_LOCAL_RANK", "1"}});
  EXPECT_EQ(openmpi.ranks, (RankInfo{.rank = 1, .world = 2}));
  EXPECT_EQ(openmpi.launcher, "openmpi");
  EXPECT_EQ(read({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}).launcher, "mpich");
}

TEST(LaunchEnvironment, AStepOfFewerTasksThanAMachineMayHaveIsOnOneMachine) {
  const LaunchEnvironment environment = read({{"SLURM_PROCID", "1"},
                                              {"SLURM_STEP_NUM_TASKS", "2"},
                                              {"SLURM_LOCALID", "1"},
                                              {"SLURM_NTASKS_PER_NODE", "8"}});
  EXPECT_EQ(environment.ranks, (RankInfo{.rank = 1, .world = 2}));
  EXPECT_EQ(environment.local_world, 2);
}

TEST(LaunchEnvironment, ABatchScriptsOwnProcessIsAlone) {
  EXPECT_EQ(read({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}), LaunchEnvironment{});
}

TEST(LaunchEnvironment, RefusesHalfAPairAndNumbersThatAreNone) {
  EXPECT_GOLF_ERROR(read({{"RANK", "0"}}), ErrorCode::kInvalidArgument, "WORLD_SIZE is not");
  EXPECT_GOLF_ERROR(read({{"WORLD_SIZE", "8"}}), ErrorCode::kInvalidArgument, "RANK is not");
  EXPECT_GOLF_ERROR(read({{"RANK", "2"}, {"WORLD_SIZE", "2"}}), ErrorCode::kInvalidArgument, "RANK=2");
  EXPECT_GOLF_ERROR(read({{"RANK", "x"}, {"WORLD_SIZE", "2"}}), ErrorCode::kInvalidArgument, "RANK=x");
  EXPECT_GOLF_ERROR(read({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_PORT", "70000"}}),
                    ErrorCode::kInvalidArgument, "MASTER_PORT=70000");
}

TEST(LaunchEnvironment, SeveralMachinesNeedAMeetingPlace) {
  EXPECT_GOLF_ERROR(
      read({{"SLURM_PROCID", "3"}, {"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_NTASKS_PER_NODE", "2"}}),
      ErrorCode::kInvalidArgument, "MASTER_ADDR");
}

}  // namespace
}  // namespace golf
