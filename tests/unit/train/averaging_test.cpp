#include <gtest/gtest.h>
#include <torch/types.h>

#include "golf/train/averaging/averages.h"

namespace golf {
namespace {

NamedParameter live(double value) { return {"w", at::full({2}, value, torch::kFloat)}; }
double first(const NamedParameter& one) { return one.tensor[0].item<double>(); }

TEST(Ema, FollowsItsFormulaFromTheInitialWeights) {
  const NamedParameter w = live(1);
  Ema ema({.decay = 0.9}, {w});
  double expected = 1;
  for (int64_t step = 1; step <= 3; ++step) {
    w.tensor.fill_(10 * step);
    ema.update(step);
    expected = 0.9 * expected + 0.1 * static_cast<double>(10 * step);
  }
  ema.load();
  EXPECT_NEAR(first(w), expected, 1e-6);
}

TEST(Ema, WaitsForItsFirstStepAndStartsWhereItIsTold) {
  for (const bool from_initial : {true, false}) {
    const NamedParameter w = live(1);
    Ema ema({.decay = 0.5, .start_step = 2, .from_initial = from_initial}, {w});
    for (int64_t step = 1; step <= 3; ++step) {
      w.tensor.fill_(step == 1 ? 1000 : 4 * step);
      ema.update(step);
    }
    ema.load();
    // From 1: (1 + 8) / 2 = 4.5, then (4.5 + 12) / 2. From the weights of step 2: (8 + 12) / 2.
    EXPECT_EQ(first(w), from_initial ? 8.25 : 10.0);
  }
}

TEST(Ema, ContinuesFromItsState) {
  const NamedParameter w = live(1), v = live(7);
  Ema a({.decay = 0.5}, {w}), b({.decay = 0.5}, {v});
  w.tensor.fill_(3);
  a.update(1);
  b.state()[0].tensor.copy_(a.state()[0].tensor);
  EXPECT_EQ(a.state()[0].name, "ema.w");
  b.load();
  EXPECT_EQ(first(v), 2.0);
}

TEST(Swa, AveragesTheSnapshotsItTakes) {
  const NamedParameter w = live(0);
  Swa swa({.enabled = true, .every = 2, .start_lr_below = 0.5}, {w});
  std::vector<int64_t> taken;
  for (int64_t step = 1; step <= 8; ++step) {
    w.tensor.fill_(step);
    if (swa.update(step, step <= 4 ? 0.5 : 0.4)) taken.push_back(step);
  }
  EXPECT_EQ(taken, (std::vector<int64_t>{6, 8}));
  EXPECT_EQ(swa.snapshots(), 2);
  EXPECT_EQ(swa.state()[0].tensor.item<int64_t>(), 2);
  swa.load();
  EXPECT_EQ(first(w), 7.0);
}

}  // namespace
}  // namespace golf
