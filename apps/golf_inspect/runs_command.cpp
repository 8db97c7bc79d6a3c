// Training runs: how far each got, its scores, and its loss drawn with Braille dots, all on the same axes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "draw/pictures.h"
#include "draw/plot.h"
#include "golf/artifact/base/file.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/run_curves.h"

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

/// Schema "golf.runs/1": the figures, and each curve averaged into at most 200 points.
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

std::string legend_of(const RunCurves& run) {
  std::string text = run.name == run.path ? run.name : fmt::format("{} ({})", run.path, run.name);
  if (!run.steps.empty()) text += fmt::format(": {} steps", run.steps.back().step);
  if (!run.validations.empty()) text += fmt::format(", val_bpb {:.4f}", run.validations.back().val_bpb);
  return text;
}

std::string picture_of(const std::vector<RunCurves>& runs) {
  std::vector<Curve> curves;
  for (const RunCurves& run : runs) {
    Curve curve{.name = run.name, .legend = legend_of(run), .line = {}, .dots = {}};
    for (const auto& [step, loss] : averaged_loss(run, kCurveColumns)) curve.line.push_back({step, loss});
    for (const ValidationPoint& point : run.validations) {
      curve.dots.push_back({{static_cast<double>(point.step), point.val_loss},
                            fmt::format("{} step {}: val_loss {:.4f}, val_bpb {:.4f}", run.name, point.step,
                                        point.val_loss, point.val_bpb)});
    }
    curves.push_back(std::move(curve));
  }
  return loss_curves_svg(
      runs.size() == 1 ? "Loss: " + runs[0].name : fmt::format("Loss of {} runs", runs.size()), curves);
}

struct RunsOptions {
  std::vector<std::string> folders;
  std::string svg;
};

ExitCode show_runs(const RunsOptions& options, const CommonOptions& common) {
  if (!options.svg.empty()) check_output(options.svg, options.folders, /*binary=*/false);
  std::vector<RunCurves> runs;
  for (const std::string& folder : options.folders) runs.push_back(read_run(folder));
  Console console("golf-inspect", common);
  if (!options.svg.empty()) {
    write_file_atomic(options.svg, as_bytes(picture_of(runs)));
  } else if (common.json) {
    console.result_json(runs_json(runs));
  } else {
    console.result(runs_text(runs, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_runs_command(CommandLine& line) {
  const auto options = std::make_shared<RunsOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect runs",
          .usage = "RUN_DIR... [OPTIONS]",
          .description = "Shows training runs: how far each got, its scores and its loss. It works while a "
                         "run is still going.",
          .examples = "golf-inspect runs runs/first runs/second\n"
                      "golf-inspect runs runs/* --svg losses.svg",
      },
      [options](const CommonOptions& common) { return show_runs(*options, common); });
  app.add_option("RUN_DIR", options->folders, "folder that golf-train wrote")->required();
  app.add_option("--svg", options->svg, "draw the losses of all runs into one picture instead")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
