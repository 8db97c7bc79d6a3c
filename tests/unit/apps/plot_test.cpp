#include "draw/plot.h"

#include <gtest/gtest.h>

#include <cmath>

namespace golf {
namespace {

std::vector<std::string> labels(const std::vector<PlotTick>& ticks) {
  std::vector<std::string> result;
  for (const PlotTick& tick : ticks) result.push_back(tick.label);
  return result;
}

TEST(PlotAxis, HasTicksOnRoundNumbersInsideTheRange) {
  EXPECT_EQ(labels(axis_ticks({-0.35, 0.21}, 5)), (std::vector<std::string>{"-0.2", "0", "0.2"}));
  EXPECT_EQ(labels(axis_ticks({980'000, 2'040'000}, 5)),
            (std::vector<std::string>{"1e+06", "1.5e+06", "2e+06"}));
}

TEST(PlotAxis, HasLogarithmicTicksAtOneTwoAndFive) {
  EXPECT_EQ(labels(log_ticks({-3.1, -1.9})), (std::vector<std::string>{"0.001", "0.002", "0.005", "0.01"}));
}

TEST(PlotAxis, HasRoundTicksOnALogarithmicAxisOfLessThanADecade) {
  const std::vector<PlotTick> ticks = log_ticks({std::log10(2.1), std::log10(3.9)});
  EXPECT_EQ(labels(ticks), (std::vector<std::string>{"2.5", "3", "3.5"}));
  EXPECT_DOUBLE_EQ(ticks[1].at, std::log10(3.0));
}

TEST(PlotAxis, ShortensLargeNumbers) {
  EXPECT_EQ(short_number(500), "500");
  EXPECT_EQ(short_number(1'500), "1.5k");
  EXPECT_EQ(short_number(20e6), "20M");
  EXPECT_EQ(short_number(-3e9), "-3B");
  EXPECT_EQ(short_number(0.25), "0.25");
}

TEST(PlotAxis, KeepsEqualValuesApartFromTheEdges) {
  const PlotRange range = plot_range({7, 7});
  EXPECT_NEAR(range.place(7), 0.5, 1e-6);
  EXPECT_FALSE(axis_ticks(range, 4).empty());
}

TEST(PlotFrame, PlacesTheFirstValueLeftAndTheSmallestBelow) {
  const PlotFrame frame{
      .left = 10, .top = 20, .width = 100, .height = 50, .x = {"x", {0, 4}, {}}, .y = {"y", {-1, 1}, {}}};
  EXPECT_DOUBLE_EQ(frame.place_x(1), 35);
  EXPECT_DOUBLE_EQ(frame.place_y(-1), 70);
  EXPECT_DOUBLE_EQ(frame.place_y(1), 20);
}

TEST(PlotStyle, HasADarkFormAndAColourForEverySeries) {
  const std::string style = plot_style();
  EXPECT_NE(style.find("prefers-color-scheme:dark"), std::string::npos);
  for (size_t series = 0; series < 20; ++series) {
    const std::string name = series_class(series).substr(8);  // after ` class="`
    EXPECT_NE(style.find("." + name.substr(0, name.size() - 1) + "{color:"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace golf
