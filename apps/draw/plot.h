#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// Width of a sans-serif letter, in font sizes: enough to decide whether a text fits.
constexpr double kSvgCharWidth = 0.56;

/// The start of a self-contained picture without scripts: size in pixels, font, white ground of class
/// "ground". End it with "</svg>\n".
/// @param style  further CSS
std::string svg_header(double width, double height, std::string_view style = "");
/// `text` on one line with the characters that mean something in XML escaped.
std::string svg_escape(std::string_view text);
/// @param more  further attributes, each with a space in front
std::string svg_text(double x, double y, double size, std::string_view text, std::string_view more = "");

/// What a plot of values shows: the smallest and largest, apart even when all are equal, widened by a little.
struct PlotRange {
  double low = 0, high = 1;

  double place(double value) const { return (value - low) / (high - low); }
};
PlotRange plot_range(const std::vector<double>& values);

/// A labelled place on an axis.
struct PlotTick {
  double at = 0;
  std::string label = {};
};
/// Round numbers (1, 2 or 5 times a power of ten apart) that lie in the range, about `wanted` of them.
std::vector<PlotTick> axis_ticks(const PlotRange& range, int wanted);
/// For an axis of decimal logarithms: those of 1, 2 and 5 times the powers of ten that lie in the range, or
/// of round numbers where these are fewer than three; labelled with the numbers themselves.
std::vector<PlotTick> log_ticks(const PlotRange& range);

/// "500", "1.5k", "20M", "3B": a large number where there is little room.
std::string short_number(double value);

/// One axis: what it shows, with its unit.
struct PlotAxis {
  std::string title = {};
  PlotRange range = {};
  std::vector<PlotTick> ticks = {};
};

/// A plot's place in a picture, in pixels, and its axes.
struct PlotFrame {
  double left = 0, top = 0, width = 0, height = 0;
  PlotAxis x = {}, y = {};
  double font_size = 12;       ///< of the ticks' labels; titles are larger by one
  bool turned_title = false;   ///< the title of y stands along its axis, not above the frame
  double turned_title_at = 0;  ///< its place from the left

  double place_x(double value) const { return left + width * x.range.place(value); }
  double place_y(double value) const { return top + height * (1 - y.range.place(value)); }
  /// Grid lines, their labels, the axes' titles.
  std::string grid() const;
};

/// Colors stay apart for color-blind readers, on the light ground and on the dark one that readers' screens
/// may ask for. They stand in classes; currentColor takes them up. Belongs into svg_header().
/// @param dark  false: for the light ground alone
std::string plot_style(bool dark = true);
/// " class=…" for the lines and dots of a series; the colors come round again.
std::string series_class(size_t series);

/// A curve as lines of Braille characters, 2×4 dots each, for a terminal. Points outside [0, 1]² are left
/// out; y grows upwards.
struct DotPoint {
  double x = 0, y = 0;
};
std::vector<std::string> draw_dots(const std::vector<DotPoint>& points, int columns, int rows);

}  // namespace golf
