#include <gtest/gtest.h>

#include "golf/train/parallel/launch_environment.h"

namespace golf {
namespace {

TEST(ThreadAdvice, TellsWhatIsUsedInsteadOfOneThread) {
  EXPECT_EQ(thread_advice("1", 26, 8, 208),
            "threads: OMP_NUM_THREADS=1, which torchrun sets by itself, is not used: each of 8 ranks here "
            "uses 26 of 208 processors; --threads N sets another number");
}

TEST(ThreadAdvice, HasNothingToSayOtherwise) {
  EXPECT_EQ(thread_advice("", 2, 2, 4), std::nullopt);
  EXPECT_EQ(thread_advice("4", 2, 2, 4), std::nullopt);
}

}  // namespace
}  // namespace golf
