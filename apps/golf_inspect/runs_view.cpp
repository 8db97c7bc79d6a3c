#include "golf_inspect/runs_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/run_main.h"
#include "common/text_table.h"
#include "draw/plot.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

constexpr int kColumns = 70, kRows = 12;
constexpr size_t kPoints = 200;

std::string runs_table(const std::vector<RunCurves>& runs, const Style& style) {
  TextTable table({{"run", Align::kLeft, Fit::kShorten},
                   {"parameters", Align::kRight, Fit::kWhole, 5},
                   {"steps"},
                   {"of", Align::kRight, Fit::kWhole, 3},
                   {"tokens", Align::kRight, Fit::kWhole, 4},
                   {"train loss", Align::kRight, Fit::kWhole, 2},
                   {"val_bpb", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {"packed"},
                   {"bytes", Align::kRight, Fit::kWhole, 1},
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
  const std::vector<std::string> labels = short_labels(runs);
  for (const RunCurves& run : runs) {
    Json losses = Json::array(), validations = Json::array();
    for (const CurvePoint& point : averaged_loss(run, kPoints)) {
      losses.push_back(Json::object({{"step", point.step},
                                     {"tokens", point.tokens},
                                     {"train_ms", point.train_ms},
                                     {"train_loss", point.loss}}));
    }
    for (const ValidationPoint& point : run.validations) {
      const StepPoint at = run.step_at(point.step);
      validations.push_back(Json::object({{"step", point.step},
                                          {"tokens", at.tokens},
                                          {"train_ms", at.train_ms},
                                          {"val_loss", point.val_loss},
                                          {"val_bpb", point.val_bpb}}));
    }
    list.push_back(Json::object({{"path", run.path},
                                 {"label", labels[list.as_array().size()]},
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
