// Training runs: as text, JSON, pictures, tables and pages.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/report/run_curves.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/loss_series.h"
#include "golf_inspect/runs_view.h"
#include "page/html_page.h"

namespace golf {
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
      console.report(runs_text(runs, console.style()));
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
      ->check(known_values({"auto", "bpb", "nats"}))
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
      ->check(known_values({"steps", "tokens", "time"}))
      ->group(kPicture);
  app.add_option("--log", options->log, "logarithmic axes: none, x, y or xy")
      ->type_name("AXES")
      ->check(known_values({"none", "x", "y", "xy"}))
      ->group(kPicture);
  app.add_flag("--figure", options->losses.figure,
               "3.25 inches wide, a column of a paper: small letters, no title, for a light ground")
      ->group(kPicture);
}

}  // namespace golf
