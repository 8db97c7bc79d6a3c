#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "common/sizes.h"
#include "common/text_table.h"
#include "draw/pictures.h"
#include "draw/plot.h"

namespace golf {
namespace {

/// The worst ratio of long to short side when areas sharing `sum` are laid along a side of length `side`.
double worst_ratio(double smallest, double largest, double sum, double side) {
  const double square = side * side;
  return std::max(square * largest / (sum * sum), sum * sum / (square * smallest));
}

/// Lays `areas[order[first..last)]` as one strip along the shorter side of `box`; returns what is left of it.
Rect place_strip(const std::vector<double>& areas, const std::vector<size_t>& order, size_t first,
                 size_t last, double sum, const Rect& box, std::vector<Rect>& rects) {
  const bool vertical = box.width >= box.height;  // the strip is a column at the left
  const double side = vertical ? box.height : box.width;
  const double thickness = sum / side;
  double offset = 0;
  for (size_t i = first; i < last; ++i) {
    const double length = areas[order[i]] / thickness;
    rects[order[i]] = vertical ? Rect{box.x, box.y + offset, thickness, length}
                               : Rect{box.x + offset, box.y, length, thickness};
    offset += length;
  }
  if (vertical) return {box.x + thickness, box.y, std::max(0.0, box.width - thickness), box.height};
  return {box.x, box.y + thickness, box.width, std::max(0.0, box.height - thickness)};
}

constexpr double kWidth = 1200;
constexpr double kMapTop = 76;
constexpr double kMapHeight = 680;
constexpr double kMargin = 20;
constexpr double kGroupTitle = 22;
constexpr double kGap = 3;
constexpr double kLegendRow = 22;

/// Light fills that stay apart for color-blind readers and carry dark text.
struct GroupColor {
  std::string_view group;
  std::string_view fill;
};
constexpr std::array kColors = {GroupColor{"attention", "#9ecae9"},  GroupColor{"mlp", "#ffbf79"},
                                GroupColor{"embeddings", "#88d27a"}, GroupColor{"head", "#f2cf5b"},
                                GroupColor{"tables", "#b8a3de"},     GroupColor{"control", "#ff9d98"},
                                GroupColor{"other", "#d8b5a5"},      GroupColor{"overhead", "#c9ced6"}};

std::string_view color_of(std::string_view group) {
  for (const GroupColor& row : kColors) {
    if (row.group == group) return row.fill;
  }
  return kColors.back().fill;
}

bool fits(std::string_view text, double size, double width) {
  return static_cast<double>(text.size()) * size * kSvgCharWidth <= width;
}

/// The longest form of a tensor's name that fits: "3.attn.c_q", "3 c_q", "c_q", "".
std::string fitting_name(std::string name, double size, double width) {
  if (name.ends_with(".weight")) name.resize(name.size() - 7);
  if (name.starts_with("blocks.")) name.erase(0, 7);
  if (fits(name, size, width)) return name;
  const std::string layer = name.substr(0, name.find('.'));
  const std::string last = name.substr(name.rfind('.') + 1);
  for (const std::string& shorter : {layer + " " + last, last}) {
    if (fits(shorter, size, width)) return shorter;
  }
  return {};
}

struct GroupBox {
  std::string name;
  std::vector<BreakdownRow> cells;
  uint64_t bytes = 0;
};

std::vector<GroupBox> group_boxes(const SizeMap& sizes) {
  std::vector<GroupBox> groups;
  for (BreakdownRow& row : break_down(sizes, BreakdownKey::kTensor)) {
    if (row.bytes() == 0) continue;
    const std::string name = row.overhead ? "overhead" : row.group;
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const GroupBox& other) { return other.name == name; });
    if (group == groups.end()) group = groups.insert(group, {name, {}, 0});
    group->bytes += row.bytes();
    group->cells.push_back(std::move(row));
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return groups;
}

std::string cell_svg(const BreakdownRow& row, const Rect& rect, std::string_view fill, uint64_t file_bytes) {
  const std::string figures = fmt::format("{}{} bytes, {}", row.apportioned ? "~" : "",
                                          with_separators(row.bytes()), percent(row.bytes(), file_bytes));
  std::string tip = fmt::format("{}: {}", row.label, figures);
  if (row.elements > 0) {
    tip += fmt::format(", {}, {} weights, {} bits/weight", row.scheme_list(), with_separators(row.elements),
                       bits_per_weight(row));
  }
  std::string svg = fmt::format(
      "<g><title>{}</title><rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\" "
      "stroke=\"#fff\"/>\n",
      svg_escape(tip), rect.x, rect.y, rect.width, rect.height, fill);
  constexpr double kSize = 12;
  constexpr double kPadding = 5;
  if (rect.height >= kSize + kPadding) {
    const std::string name = fitting_name(row.label, kSize, rect.width - 2 * kPadding);
    if (!name.empty()) svg += svg_text(rect.x + kPadding, rect.y + kSize + 3, kSize, name);
    const std::string bytes = with_separators(row.bytes());
    if (!name.empty() && rect.height >= 2 * kSize + 2 * kPadding &&
        fits(bytes, kSize - 1, rect.width - 2 * kPadding)) {
      svg += svg_text(rect.x + kPadding, rect.y + 2 * kSize + 6, kSize - 1, bytes, " class=\"q\"");
    }
  }
  return svg + "</g>\n";
}

std::string group_svg(const GroupBox& group, const Rect& box, uint64_t file_bytes) {
  Rect inner{box.x + kGap / 2, box.y + kGap / 2, std::max(0.0, box.width - kGap),
             std::max(0.0, box.height - kGap)};
  std::string svg;
  const std::string full = fmt::format("{}  {} bytes, {}", group.name, with_separators(group.bytes),
                                       percent(group.bytes, file_bytes));
  if (inner.height > 3 * kGroupTitle && fits(group.name, 13, inner.width)) {
    svg += svg_text(inner.x + 2, inner.y + 15, 13, fits(full, 13, inner.width) ? full : group.name,
                    " font-weight=\"600\"");
    inner.y += kGroupTitle;
    inner.height -= kGroupTitle;
  }
  std::vector<double> weights;
  for (const BreakdownRow& row : group.cells) weights.push_back(static_cast<double>(row.bytes()));
  const std::vector<Rect> rects = squarify(weights, inner);
  for (size_t i = 0; i < rects.size(); ++i) {
    if (rects[i].area() > 0) svg += cell_svg(group.cells[i], rects[i], color_of(group.name), file_bytes);
  }
  return svg;
}

std::string legend_svg(const std::vector<GroupBox>& groups, uint64_t file_bytes, double top) {
  std::string svg;
  double x = kMargin;
  double y = top;
  for (const GroupBox& group : groups) {
    const std::string text =
        fmt::format("{} {} ({})", group.name, with_separators(group.bytes), percent(group.bytes, file_bytes));
    const double width = 18 + static_cast<double>(text.size()) * 13 * kSvgCharWidth + 18;
    if (x + width > kWidth - kMargin && x > kMargin) {
      x = kMargin;
      y += kLegendRow;
    }
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", x,
                       y - 10, color_of(group.name));
    svg += svg_text(x + 18, y + 1, 13, text);
    x += width;
  }
  return svg;
}

}  // namespace

std::vector<Rect> squarify(const std::vector<double>& weights, const Rect& box) {
  std::vector<Rect> rects(weights.size());
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (weights.empty() || total <= 0 || box.area() <= 0) return rects;

  std::vector<double> areas;
  for (const double weight : weights) areas.push_back(weight / total * box.area());
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return areas[a] > areas[b]; });

  Rect rest = box;
  size_t first = 0;
  while (first < order.size()) {
    const double side = std::min(rest.width, rest.height);
    if (side <= 0) break;  // rounding used the box up: what is left is invisible
    double sum = areas[order[first]];
    size_t last = first + 1;
    while (last < order.size()) {
      const double next = areas[order[last]];
      const double largest = areas[order[first]];
      if (worst_ratio(next, largest, sum + next, side) >
          worst_ratio(areas[order[last - 1]], largest, sum, side))
        break;
      sum += next;
      ++last;
    }
    rest = place_strip(areas, order, first, last, sum, rest, rects);
    first = last;
  }
  return rects;
}

std::string treemap_svg(const std::string& title, std::string subtitle, const SizeMap& sizes) {
  const std::vector<GroupBox> groups = group_boxes(sizes);
  if (total_of(break_down(sizes, BreakdownKey::kTensor)).apportioned) {
    subtitle += "; bytes compressed together are apportioned (~)";
  }
  const double legend_top = kMapTop + kMapHeight + 26;
  const double height = legend_top + 2 * kLegendRow;
  std::string svg = svg_header(kWidth, height, " g:hover>rect{stroke:#1b1f24}");
  svg += svg_text(kMargin, 34, 22, fmt::format("{}: {} bytes", title, with_separators(sizes.file_bytes)),
                  " font-weight=\"600\"");
  svg += svg_text(kMargin, 58, 14, subtitle, " class=\"q\"");
  std::vector<double> weights;
  for (const GroupBox& group : groups) weights.push_back(static_cast<double>(group.bytes));
  const std::vector<Rect> boxes = squarify(weights, {kMargin, kMapTop, kWidth - 2 * kMargin, kMapHeight});
  for (size_t i = 0; i < groups.size(); ++i) svg += group_svg(groups[i], boxes[i], sizes.file_bytes);
  svg += legend_svg(groups, sizes.file_bytes, legend_top);
  return svg + "</svg>\n";
}

}  // namespace golf
