#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/sizes.h"
#include "common/text_table.h"
#include "draw/pictures.h"
#include "draw/plot.h"
#include "golf/artifact/report/breakdown.h"

namespace golf {
namespace {

constexpr double kWidth = 1200;
constexpr double kMapTop = 76;
constexpr double kMapHeight = 680;
constexpr double kMargin = 20;
constexpr double kGaugeHeight = 18;
constexpr double kGaugeRoom = 50;  ///< the gauge with its text and the gap below
constexpr double kBoxTitle = 22;
constexpr double kGap = 3;
constexpr double kLegendRow = 22;

/// Light fills that stay apart for color-blind readers and carry dark text.
struct GroupColor {
  std::string_view group;
  std::string_view fill;
};
constexpr std::string_view kOverheadFill = "#c9ced6";
constexpr std::array kColors = {GroupColor{"attention", "#9ecae9"},  GroupColor{"mlp", "#ffbf79"},
                                GroupColor{"embeddings", "#88d27a"}, GroupColor{"head", "#f2cf5b"},
                                GroupColor{"tables", "#b8a3de"},     GroupColor{"control", "#ff9d98"},
                                GroupColor{"gates", "#83bcb6"},      GroupColor{"other", "#d8b5a5"}};

std::string_view color_of(const BreakdownRow& row) {
  for (const GroupColor& color : kColors) {
    if (!row.overhead && color.group == row.group) return color.fill;
  }
  return kOverheadFill;
}

bool fits(std::string_view text, double size, double width) {
  return static_cast<double>(text.size()) * size * kSvgCharWidth <= width;
}

/// The longest form of a tensor's name that fits, with its layer: "3.attn.c_q", "3 c_q". In a box of one
/// layer "c_q" is enough. Nothing when none fits. The layer is the first part of the name that is a number,
/// whatever stands before it.
std::string fitting_name(std::string name, double size, double width, bool in_layer) {
  if (name.ends_with(".weight")) name.resize(name.size() - 7);
  std::string layer;
  for (size_t start = 0; start < name.size();) {
    const size_t end = std::min(name.find('.', start), name.size());
    const std::string part = name.substr(start, end - start);
    if (end < name.size() && !part.empty() && part.find_first_not_of("0123456789") == std::string::npos) {
      layer = part;
      name.erase(0, start);
      break;
    }
    start = end + 1;
  }
  const std::string last = name.substr(name.rfind('.') + 1);
  std::vector<std::string> forms = {name};
  if (!layer.empty()) forms.push_back(layer + " " + last);
  if (layer.empty() || in_layer) forms.push_back(last);
  for (const std::string& form : forms) {
    if (fits(form, size, width)) return form;
  }
  return {};
}

/// A row of the breakdown with the tensors in it.
struct Box {
  std::string name;
  std::vector<BreakdownRow> cells;
  uint64_t bytes = 0;
};

/// What box a tensor lies in: the row that it has in the table for the same key.
std::string box_name(const BreakdownRow& tensor, BreakdownKey by) {
  if (by == BreakdownKey::kTensor) return {};  // one box for all, without a title
  if (tensor.overhead) return tensor.label;
  switch (by) {
    case BreakdownKey::kLayer:
      return tensor.layer < 0 ? "outside the blocks" : fmt::format("layer {}", tensor.layer);
    case BreakdownKey::kScheme:
      return tensor.scheme_list();
    default:
      return tensor.group;
  }
}

std::vector<Box> boxes_of(const std::vector<BreakdownRow>& tensors, BreakdownKey by) {
  std::vector<Box> boxes;
  for (const BreakdownRow& row : tensors) {
    if (row.bytes() == 0) continue;
    const std::string name = box_name(row, by);
    auto box = std::find_if(boxes.begin(), boxes.end(), [&](const Box& other) { return other.name == name; });
    if (box == boxes.end()) box = boxes.insert(box, {name, {}, 0});
    box->bytes += row.bytes();
    box->cells.push_back(row);
  }
  std::stable_sort(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.bytes > b.bytes; });
  return boxes;
}

std::string cell_svg(const BreakdownRow& row, const Rect& rect, BreakdownKey by, uint64_t file_bytes) {
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
      svg_escape(tip), rect.x, rect.y, rect.width, rect.height, color_of(row));
  constexpr double kSize = 12;
  constexpr double kPadding = 5;
  if (rect.height >= kSize + kPadding) {
    const std::string name =
        fitting_name(row.label, kSize, rect.width - 2 * kPadding, by == BreakdownKey::kLayer);
    if (!name.empty()) svg += svg_text(rect.x + kPadding, rect.y + kSize + 3, kSize, name);
    const std::string bytes = with_separators(row.bytes());
    if (!name.empty() && rect.height >= 2 * kSize + 2 * kPadding &&
        fits(bytes, kSize - 1, rect.width - 2 * kPadding)) {
      svg += svg_text(rect.x + kPadding, rect.y + 2 * kSize + 6, kSize - 1, bytes, " class=\"q\"");
    }
  }
  return svg + "</g>\n";
}

std::string box_svg(const Box& box, const Rect& place, BreakdownKey by, uint64_t file_bytes) {
  Rect inner{place.x + kGap / 2, place.y + kGap / 2, std::max(0.0, place.width - kGap),
             std::max(0.0, place.height - kGap)};
  std::string svg;
  const std::string full =
      fmt::format("{}  {} bytes, {}", box.name, with_separators(box.bytes), percent(box.bytes, file_bytes));
  if (!box.name.empty() && inner.height > 3 * kBoxTitle && fits(box.name, 13, inner.width)) {
    svg += svg_text(inner.x + 2, inner.y + 15, 13, fits(full, 13, inner.width) ? full : box.name,
                    " font-weight=\"600\"");
    inner.y += kBoxTitle;
    inner.height -= kBoxTitle;
  }
  std::vector<double> weights;
  for (const BreakdownRow& row : box.cells) weights.push_back(static_cast<double>(row.bytes()));
  const std::vector<Rect> rects = squarify(weights, inner);
  for (size_t i = 0; i < rects.size(); ++i) {
    if (rects[i].area() > 0) svg += cell_svg(box.cells[i], rects[i], by, file_bytes);
  }
  return svg;
}

/// The colors' meanings: the groups, and each kind of bytes outside the tensors.
std::string legend_svg(const std::vector<BreakdownRow>& tensors, uint64_t file_bytes, double top) {
  std::string svg;
  double x = kMargin;
  double y = top;
  for (const Box& group : boxes_of(tensors, BreakdownKey::kGroup)) {
    const std::string text =
        fmt::format("{} {} ({})", group.name, with_separators(group.bytes), percent(group.bytes, file_bytes));
    const double width = 18 + static_cast<double>(text.size()) * 13 * kSvgCharWidth + 18;
    if (x + width > kWidth - kMargin && x > kMargin) {
      x = kMargin;
      y += kLegendRow;
    }
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", x,
                       y - 10, color_of(group.cells.front()));
    svg += svg_text(x + 18, y + 1, 13, text);
    x += width;
  }
  return svg;
}

/// Artifact, code and what is free of the budget as one bar. A bar that is over the budget has a line at the
/// limit.
std::string gauge_svg(const BudgetReport& budget, double top) {
  constexpr double kBar = kWidth - 2 * kMargin;
  const auto whole = static_cast<double>(std::max(budget.limit_bytes, budget.total_bytes()));
  const auto length = [&](uint64_t bytes) {
    return whole > 0 ? kBar * static_cast<double>(bytes) / whole : 0.0;
  };
  std::string svg;
  double x = kMargin;
  const auto part = [&](uint64_t bytes, std::string_view name, std::string_view fill) {
    if (bytes == 0) return;
    svg += fmt::format(
        "<g><title>{}: {} bytes</title><rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.0f}\" "
        "fill=\"{}\"/></g>\n",
        name, with_separators(bytes), x, top, length(bytes), kGaugeHeight, fill);
    x += length(bytes);
  };
  part(budget.artifact_bytes, "artifact", "#4c78a8");
  part(budget.code_bytes(), "code", "#f58518");
  part(budget.fits() ? budget.limit_bytes - budget.total_bytes() : 0, "free", "#e7eaee");
  if (!budget.fits()) {
    svg += fmt::format("<path d=\"M{:.2f} {:.2f}v{:.0f}\" stroke=\"#d62728\" stroke-width=\"3\"/>\n",
                       kMargin + length(budget.limit_bytes), top - 4, kGaugeHeight + 8);
  }
  return svg + svg_text(kMargin, top + kGaugeHeight + 17, 13, budget_line(budget, Style(false)));
}

}  // namespace

std::string treemap_svg(const std::string& title, std::string subtitle, const SizeMap& sizes, BreakdownKey by,
                        const std::optional<BudgetReport>& budget) {
  const std::vector<BreakdownRow> tensors = break_down(sizes, BreakdownKey::kTensor);
  const std::vector<Box> boxes = boxes_of(tensors, by);
  if (total_of(tensors).apportioned) subtitle += "; bytes compressed together are apportioned (~)";
  const double map_top = kMapTop + (budget ? kGaugeRoom : 0);
  const double legend_top = map_top + kMapHeight + 26;
  const double height = legend_top + 2 * kLegendRow;
  std::string svg = svg_header(kWidth, height, " g:hover>rect{stroke:#1b1f24}");
  svg += svg_text(kMargin, 34, 22, fmt::format("{}: {} bytes", title, with_separators(sizes.file_bytes)),
                  " font-weight=\"600\"");
  svg += svg_text(kMargin, 58, 14, subtitle, " class=\"q\"");
  if (budget) svg += gauge_svg(*budget, kMapTop);
  std::vector<double> weights;
  for (const Box& box : boxes) weights.push_back(static_cast<double>(box.bytes));
  const std::vector<Rect> places = squarify(weights, {kMargin, map_top, kWidth - 2 * kMargin, kMapHeight});
  for (size_t i = 0; i < boxes.size(); ++i) svg += box_svg(boxes[i], places[i], by, sizes.file_bytes);
  svg += legend_svg(tensors, sizes.file_bytes, legend_top);
  return svg + "</svg>\n";
}

}  // namespace golf
