#include <gtest/gtest.h>

#include <regex>

#include "draw/pictures.h"

namespace golf {
namespace {

Sweep sweep() {
  Sweep sweep{.recipe = "best", .codec = "golf:9"};
  sweep.budget.limit_bytes = 1'100;
  sweep.budget.code = {{"train.py", 100}};
  sweep.points = {
      {.step_scale = 0.125, .artifact_bytes = 1'200, .bits_per_weight = 4.8, .nmse = 0.001},
      {.step_scale = 0.25, .artifact_bytes = 900, .bits_per_weight = 3.6, .nmse = 0.004},
      {.step_scale = 0.5, .artifact_bytes = 600, .bits_per_weight = 2.4, .nmse = 0.016},
  };
  return sweep;
}

Sweep measured() {
  Sweep result = sweep();
  result.unquantized_bpb = 2.5;
  result.tokens = 4'000;
  result.points[0].bpb = 2.49;  // better than before: noise
  result.points[1].bpb = 2.5004;
  result.points[2].bpb = 2.525;
  return result;
}

std::string svg_of(const Sweep& sweep) { return sweep_svg(sweep, "runs/<a>.safetensors"); }

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(SweepText, ShowsTheRoomLeftAndTheErrorInDecibels) {
  EXPECT_EQ(sweep_text(sweep(), Style()),
            "step scale  artifact  with code  left  bits/weight  NMSE, dB\n"
            "    0.1250     1,200      1,300  -200        4.800    -30.00\n"
            "    0.2500       900      1,000  +100        3.600    -23.98\n"
            "    0.5000       600        700  +400        2.400    -17.96\n");
}

TEST(SweepText, ShowsGapsWhereThereAreAny) {
  Sweep both = measured();
  both.points[1].predicted_gap_bpb = 0.0005;
  EXPECT_EQ(sweep_text(both, Style()),
            "step scale  artifact  with code  left  bits/weight  NMSE, dB  predicted     bpb       gap\n"
            "    0.1250     1,200      1,300  -200        4.800    -30.00          -  2.4900  -0.01000\n"
            "    0.2500       900      1,000  +100        3.600    -23.98   +0.00050  2.5004  +0.00040\n"
            "    0.5000       600        700  +400        2.400    -17.96          -  2.5250  +0.02500\n"
            "before quantization: 2.5000 bpb on 4,000 tokens\n");
}

TEST(SweepJson, HasTheGapsOnlyWhereTheyAreKnown) {
  const Json plain = sweep_json(sweep());
  EXPECT_EQ(plain.at("limit_bytes").as_uint(), 1'100U);
  EXPECT_EQ(plain.at("code_bytes").as_uint(), 100U);
  EXPECT_EQ(plain.find("unquantized_bpb"), nullptr);
  EXPECT_EQ(plain.at("points").as_array()[1].find("bpb"), nullptr);

  Sweep both = measured();
  both.points[2].predicted_gap_bpb = 0.02;
  const Json json = sweep_json(both);
  EXPECT_EQ(json.at("unquantized_bpb").as_double(), 2.5);
  EXPECT_EQ(json.at("tokens").as_int(), 4'000);
  const Json& last = json.at("points").as_array()[2];
  EXPECT_EQ(last.at("bpb").as_double(), 2.525);
  EXPECT_EQ(last.at("gap_bpb").as_double(), 2.525 - 2.5);
  EXPECT_EQ(last.at("predicted_gap_bpb").as_double(), 0.02);
  EXPECT_EQ(json.at("points").as_array()[0].find("predicted_gap_bpb"), nullptr);
}

TEST(SweepSvg, DrawsADotForEveryPointAndTheBudget) {
  const std::string svg = svg_of(sweep());
  EXPECT_EQ(count(svg, "<circle"), 3U);
  EXPECT_EQ(count(svg, "stroke-dasharray"), 1U);
  EXPECT_NE(svg.find("budget 1,100 bytes<"), std::string::npos);
  EXPECT_NE(svg.find("artifact and code, bytes"), std::string::npos);
  EXPECT_NE(svg.find("step scale 0.2500: 1,000 bytes, 3.600 bits/weight, -23.98 dB"), std::string::npos);
  EXPECT_NE(svg.find("&lt;a&gt;.safetensors"), std::string::npos);
}

TEST(SweepSvg, KeepsLabelsInsideTheFrameAndOffTheBudget) {
  Sweep dense = measured();
  dense.points[0].artifact_bytes = 1'000;  // on the budget with the code
  dense.points.push_back({.step_scale = 1, .artifact_bytes = 400, .bits_per_weight = 1.6, .nmse = 0.05});
  const std::string svg = svg_of(dense);
  const std::regex label(
      "<text x=\"([0-9.]+)\" y=\"([0-9.]+)\" font-size=\"12\" class=\"q\">[0-9]\\.[0-9]{2}<");
  size_t labels = 0;
  for (auto found = std::sregex_iterator(svg.begin(), svg.end(), label); found != std::sregex_iterator();
       ++found, ++labels) {
    const double x = std::stod((*found)[1]), y = std::stod((*found)[2]);
    EXPECT_GT(x, 80);
    EXPECT_LT(x + 4 * 12 * 0.56, 1160);
    EXPECT_GT(y, 106 + 11);
    EXPECT_LT(y, 506);
  }
  EXPECT_EQ(labels, 4U);
}

TEST(SweepSvg, HasTheBytesOnceBelowBothPanels) {
  const std::string svg = svg_of(measured());
  EXPECT_EQ(count(svg, "artifact and code, bytes"), 1U);
  EXPECT_EQ(count(svg, ">-"), 0U) << "a minus sign, no hyphen";
}

TEST(SweepSvg, SaysWhereABudgetFarAwayLies) {
  Sweep far = sweep();
  far.budget.limit_bytes = 16'000'000;
  EXPECT_NE(svg_of(far).find("budget 16,000,000 bytes →"), std::string::npos);
  far.budget.limit_bytes = 10;
  EXPECT_NE(svg_of(far).find("← budget 10 bytes"), std::string::npos);
  EXPECT_EQ(count(svg_of(far), "stroke-dasharray"), 0U);
}

TEST(SweepSvg, DrawsGapsOfNothingHollow) {
  const std::string svg = svg_of(measured());
  EXPECT_EQ(count(svg, "<circle"), 3U + 3U + 1U);  // the legend's too
  EXPECT_EQ(count(svg, "fill=\"none\"><title>"), 1U);
  EXPECT_NE(svg.find("gap -0.01000"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(SweepSvg, DrawsAModelThatLosesNothing) {
  Sweep exact = sweep();
  for (SweepPoint& point : exact.points) point.nmse = 0;
  const std::string svg = svg_of(exact);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_NE(svg.find("-200.00 dB"), std::string::npos);
}

}  // namespace
}  // namespace golf
