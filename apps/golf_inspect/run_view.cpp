#include "golf_inspect/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/plot_axis.h"
#include "common/text_table.h"
#include "common/version.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr int kColumns = 72, kRows = 12;
constexpr size_t kPoints = 200;

std::string runs_table(const std::vector<RunCurves>& runs, const Style& style) {
  TextTable table({{"run", Align::kLeft},
                   {"parameters"},
                   {"steps"},
                   {"of"},
                   {"tokens"},
                   {"train loss"},
                   {"val_bpb"},
                   {"packed"},
                   {"bytes"},
                   {"state", Align::kLeft}});
  for (const RunCurves& run : runs) {
    const auto figure = [&](const char* key) -> const Json* {
      return run.submission ? run.submission->find(key) : nullptr;
    };
    const Json *packed = figure("val_bpb"), *bytes = figure("bytes_total");
    table.add({printable(run.path), with_separators(run.parameters),
               run.steps.empty() ? "0" : with_separators(run.steps.back().step),
               run.planned_steps > 0 ? with_separators(run.planned_steps) : "",
               run.steps.empty() ? "0" : with_separators(run.steps.back().tokens),
               run.steps.empty() ? "" : fmt::format("{:.4f}", run.steps.back().train_loss),
               run.validations.empty() ? "" : fmt::format("{:.4f}", run.validations.back().val_bpb),
               packed != nullptr && packed->is_number() ? fmt::format("{:.4f}", packed->as_double()) : "",
               bytes != nullptr && bytes->is_integer() ? with_separators(bytes->as_int()) : "",
               run.submission ? "finished" : "unfinished"});
  }
  return table.render(style);
}

std::string chart(const RunCurves& run, const PlotRange& steps, const PlotRange& losses) {
  const std::vector<CurvePoint> points = averaged_loss(run, 2 * kColumns);
  std::vector<DotPoint> dots;
  for (size_t i = 0; i < points.size(); ++i) {  // dots on the way to the next point make it a line
    const CurvePoint from = points[i], to = points[std::min(i + 1, points.size() - 1)];
    constexpr int kBetween = 16;
    for (int part = 0; part < kBetween; ++part) {
      const double share = static_cast<double>(part) / kBetween;
      dots.push_back({steps.place(from.step + share * (to.step - from.step)),
                      losses.place(from.loss + share * (to.loss - from.loss))});
    }
  }
  const std::vector<std::string> lines = draw_dots(dots, kColumns, kRows);
  std::string text;
  for (size_t row = 0; row < lines.size(); ++row) {
    const bool labelled = row == 0 || row + 1 == lines.size() || row == lines.size() / 2;
    const double middle = (static_cast<double>(lines.size() - row) - 0.5) / static_cast<double>(lines.size());
    const double loss = losses.low + (losses.high - losses.low) * middle;
    text += fmt::format("{:>8} │{}\n", labelled ? fmt::format("{:.3f}", loss) : "", lines[row]);
  }
  const std::string last = fmt::format("step {:.0f}", steps.high);
  text += fmt::format(
      "{:>8} └{}\n{:>9} {}{:>{}}\n", "",
      [] {
        std::string line;
        for (int i = 0; i < kColumns; ++i) line += "─";
        return line;
      }(),
      "", "0", last, kColumns - 1);
  return text;
}

}  // namespace

std::vector<std::string> draw_dots(const std::vector<DotPoint>& points, int columns, int rows) {
  std::vector<std::vector<unsigned>> cells(static_cast<size_t>(rows),
                                           std::vector<unsigned>(static_cast<size_t>(columns)));
  // Unicode's numbering of a cell's dots, by column and row.
  constexpr unsigned kDot[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
  for (const DotPoint& point : points) {
    if (!(point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1)) continue;
    const int x = std::min(static_cast<int>(point.x * 2 * columns), 2 * columns - 1);
    const int y = std::min(static_cast<int>((1 - point.y) * 4 * rows), 4 * rows - 1);
    cells[static_cast<size_t>(y / 4)][static_cast<size_t>(x / 2)] |= kDot[x % 2][y % 4];
  }
  std::vector<std::string> lines;
  for (const std::vector<unsigned>& row : cells) {
    std::string line;
    for (const unsigned dots : row) {
      if (dots == 0) {  // some fonts draw the empty cell as rings
        line += ' ';
        continue;
      }
      // U+2800 + dots in UTF-8
      line +=
          {static_cast<char>(0xE2), static_cast<char>(0xA0 + dots / 64), static_cast<char>(0x80 + dots % 64)};
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  return lines;
}

std::string runs_text(const std::vector<RunCurves>& runs, const Style& style) {
  std::vector<double> steps = {0}, losses;
  for (const RunCurves& run : runs) {
    for (const CurvePoint& point : averaged_loss(run, 2 * kColumns)) {
      steps.push_back(point.step);
      losses.push_back(point.loss);
    }
  }
  std::string text = runs_table(runs, style);
  const PlotRange step_range{0, std::max(1.0, *std::max_element(steps.begin(), steps.end()))};
  for (const RunCurves& run : runs) {
    if (run.steps.empty()) continue;
    text += fmt::format("\n{}: training loss, nats a token\n", style.bold(printable(run.path)));
    text += chart(run, step_range, plot_range(losses));
  }
  return text;
}

Json runs_json(const std::vector<RunCurves>& runs) {
  Json list = Json::array();
  for (const RunCurves& run : runs) {
    Json losses = Json::array(), validations = Json::array();
    for (const CurvePoint& point : averaged_loss(run, kPoints)) {
      losses.push_back(Json::object({{"step", point.step}, {"train_loss", point.loss}}));
    }
    for (const ValidationPoint& point : run.validations) {
      validations.push_back(
          Json::object({{"step", point.step}, {"val_loss", point.val_loss}, {"val_bpb", point.val_bpb}}));
    }
    list.push_back(Json::object({{"path", run.path},
                                 {"name", run.name},
                                 {"parameters", run.parameters},
                                 {"steps", run.steps.empty() ? int64_t{0} : run.steps.back().step},
                                 {"planned_steps", run.planned_steps},
                                 {"tokens", run.steps.empty() ? int64_t{0} : run.steps.back().tokens},
                                 {"train_ms", run.steps.empty() ? 0.0 : run.steps.back().train_ms},
                                 {"finished", run.submission.has_value()},
                                 {"train_loss", std::move(losses)},
                                 {"validations", std::move(validations)},
                                 {"submission", run.submission ? *run.submission : Json()}}));
  }
  return Json::object({{"schema", "golf.runs/1"}, {"version", project_version()}, {"runs", std::move(list)}});
}

}  // namespace golf
