#pragma once

#include <string>
#include <string_view>

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

}  // namespace golf
