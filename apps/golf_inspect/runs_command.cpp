// Training runs: how far each got, its scores, and its loss drawn with Braille dots, all on the same axes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "draw/pictures.h"
#include "draw/plot.h"
#include "golf/artifact/base/file.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/loss_series.h"
#include "golf_inspect/run_curves.h"
#include "page/html_page.h"

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

namespace {

struct RunsOptions {
  const CLI::App* app = nullptr;  ///< where the options were given
  std::vector<std::string> folders;
  std::string svg, csv, html;
  std::string unit = "auto", axis = "steps", log = "none";
  LossOptions losses;
};

template <class T>
T chosen(const char* option, const std::string& text,
         std::initializer_list<std::pair<const char*, T>> choices) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw UsageError(fmt::format("{}: \"{}\" is not one of: {}", option, text, names));
}

LossOptions understand(const RunsOptions& options) {
  LossOptions losses = options.losses;
  losses.unit =
      chosen<LossUnit>("--unit", options.unit,
                       {{"auto", LossUnit::kAuto}, {"bpb", LossUnit::kBpb}, {"nats", LossUnit::kNats}});
  losses.axis =
      chosen<RunAxis>("--axis", options.axis,
                      {{"steps", RunAxis::kSteps}, {"tokens", RunAxis::kTokens}, {"time", RunAxis::kTime}});
  const int log = chosen<int>("--log", options.log, {{"none", 0}, {"x", 1}, {"y", 2}, {"xy", 3}});
  losses.log_x = (log & 1) != 0;
  losses.log_y = (log & 2) != 0;
  return losses;
}

ExitCode show_runs(const RunsOptions& options, const CommonOptions& common) {
  if (options.svg.empty()) {
    refuse_unused(*options.app, {"--axis", "--log", "--figure"}, "belongs to the picture: add --svg FILE");
    if (options.csv.empty()) {
      refuse_unused(*options.app, {"--unit", "--smooth", "--mean"}, "add --svg FILE or --csv FILE");
    }
  }
  const LossOptions losses = understand(options);
  const std::vector<std::string> outputs = {options.svg, options.csv, options.html};
  bool any_output = false;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].empty()) continue;
    check_output(outputs[i], options.folders, /*binary=*/false);
    if (std::find(outputs.begin(), outputs.begin() + i, outputs[i]) != outputs.begin() + i) {
      throw UsageError(printable(outputs[i]) + ": named for two outputs");
    }
    any_output = true;
  }
  std::vector<RunCurves> runs;
  for (const std::string& folder : options.folders) runs.push_back(read_run(folder));
  if (!any_output) {
    Console console("golf-inspect", common);
    if (common.json) {
      console.result_json(runs_json(runs));
    } else {
      console.result(runs_text(runs, console.style()));
    }
    return ExitCode::kDone;
  }
  if (common.json) throw UsageError("--json: does not go with --svg, --csv and --html");
  const LossCurves curves = loss_curves(runs, losses);
  const std::string title =
      runs.size() == 1 ? "Loss: " + runs[0].name : fmt::format("Loss of {} runs", runs.size());
  if (!options.svg.empty()) write_file_atomic(options.svg, as_bytes(loss_svg(curves, title, losses)));
  if (!options.csv.empty()) write_file_atomic(options.csv, as_bytes(loss_csv(curves)));
  if (!options.html.empty()) {
    Json page = Json::object({{"runs", runs_json(runs)}});
    write_file_atomic(options.html,
                      as_bytes(html_page(title, runs_text(runs, Style(false)), std::move(page))));
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
                      "golf-inspect runs runs/* --svg losses.svg --axis time --log x\n"
                      "golf-inspect runs runs/seed* --svg figure.svg --mean --figure",
      },
      [options](const CommonOptions& common) { return show_runs(*options, common); });
  options->app = &app;
  app.add_option("RUN_DIR", options->folders, "folder that golf-train wrote")->required();
  app.add_option("--svg", options->svg, "draw the losses of all runs into one picture instead")
      ->type_name("FILE")
      ->group("Output");
  app.add_option("--csv", options->csv,
                 "write the losses of all steps as a table instead; - is standard output")
      ->type_name("FILE")
      ->group("Output");
  app.add_option("--html", options->html, "write a page with the runs' figures and curves instead")
      ->type_name("FILE")
      ->group("Output");
  constexpr const char* kPicture = "Losses in --svg and --csv";
  app.add_option("--unit", options->unit,
                 "bpb (bits per byte), nats (a token), or auto: bpb when every run has validated")
      ->type_name("UNIT")
      ->group(kPicture);
  app.add_option("--smooth", options->losses.smooth,
                 "the line is the mean over so many steps, the raw losses are faint; 0: no smoothing")
      ->type_name("STEPS")
      ->check(at_least(0))
      ->default_str("a fiftieth of the run")
      ->group(kPicture);
  app.add_flag("--mean", options->losses.average,
               "runs that differ in their seed alone become their mean, with a band from lowest to highest")
      ->group(kPicture);
  app.add_option("--axis", options->axis, "what the losses are drawn over: steps, tokens or time")
      ->type_name("AXIS")
      ->group(kPicture);
  app.add_option("--log", options->log, "logarithmic axes: none, x, y or xy")
      ->type_name("AXES")
      ->group(kPicture);
  app.add_flag("--figure", options->losses.figure,
               "3.25 inches wide, a column of a paper: small letters, no title, for a light ground")
      ->group(kPicture);
}

}  // namespace golf
