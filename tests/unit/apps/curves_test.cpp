#include <gtest/gtest.h>

#include "draw/pictures.h"

namespace golf {
namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

CurvesPicture picture() {
  CurvesPicture picture{.title = "Loss", .x_title = "step", .y_title = "nats a token"};
  picture.curves.push_back({.name = "<a>",
                            .label = "a & b",
                            .detail = ": validation 2.0000",
                            .line = {{1, 3}, {2, 2.5}, {3, 2.25}},
                            .raw = {{1, 3}, {2, 2.4}, {3, 2.3}},
                            .dots = {{{3, 2.2}, "step 3"}}});
  return picture;
}

TEST(Curves, DrawTheSmoothedLineOverAFaintRawOne) {
  const std::string svg = curves_svg(picture());
  EXPECT_EQ(count(svg, "fill=\"none\""), 2U);
  EXPECT_LT(svg.find("stroke-opacity"), svg.rfind("fill=\"none\"")) << "the raw line lies below";
  EXPECT_EQ(count(svg, "<circle"), 1U);
  EXPECT_NE(svg.find("&lt;a&gt;"), std::string::npos);
  EXPECT_NE(svg.find("a &amp; b: validation 2.0000"), std::string::npos);
}

TEST(Curves, AFigureIsAsWideAsAColumnAndForALightGround) {
  CurvesPicture figure = picture();
  figure.figure = true;
  const std::string svg = curves_svg(figure);
  EXPECT_NE(svg.find("width=\"312\""), std::string::npos);  // 3.25 inches of 96
  EXPECT_EQ(svg.find("prefers-color-scheme"), std::string::npos);
  EXPECT_EQ(svg.find("Loss"), std::string::npos) << "the title belongs into the caption";
  EXPECT_EQ(svg.find("validation 2.0000"), std::string::npos) << "labels are short";
}

TEST(Curves, LogarithmicAxesLeaveOutWhatHasNoLogarithm) {
  CurvesPicture log = picture();
  log.log_x = log.log_y = true;
  log.curves[0].line.insert(log.curves[0].line.begin(), {0, 4});
  log.curves[0].dots.push_back({{2, 0}, "nothing"});
  const std::string svg = curves_svg(log);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_EQ(count(svg, "<circle"), 1U);
}

TEST(Curves, ABandLiesBelowItsLine) {
  CurvesPicture mean = picture();
  mean.curves[0].raw.clear();
  mean.curves[0].band = {{1, 2.9, 3.1}, {2, 2.4, 2.6}, {3, 2.2, 2.3}};
  const std::string svg = curves_svg(mean);
  EXPECT_EQ(count(svg, "class=\"band\""), 1U);
  EXPECT_LT(svg.find("class=\"band\""), svg.find("fill=\"none\""));
}

TEST(Curves, SurviveWithoutAnyPoint) {
  const std::string svg = curves_svg({.title = "nothing", .curves = {{.name = "a", .label = "a"}}});
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace golf
