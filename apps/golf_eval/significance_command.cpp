#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/stats/mean_test.h"
#include "golf_eval/commands.h"
#include "golf_eval/compared_runs.h"
#include "golf_eval/paired_comparison.h"

namespace golf {
namespace {

/// What is asked for, from the options and the profile.
struct SignificanceOptions {
  std::vector<std::string> scores, others;
  std::string profile = "record", unit = "bpb", margin, bytes_per_token, mode;
  std::optional<double> level;
  double confidence = 0.95, power = 0.8;
  bool equal_spread = false, check = false;
  PairedOptions paired;
  std::string output;

  bool in_nats() const { return unit == "nats"; }
};

struct TestProfile {
  std::string_view name, margin;
  double level;
};
constexpr TestProfile kProfiles[] = {
    {"record", "0.005nats", 0.01},  // the challenge's README: by 0.005 nats at p < 0.01
    {"chain", "0bpb", 0.25},        // its leaderboard from PR 1902 on: lower than the row before at p < 0.25
};

const TestProfile& profile_of(const std::string& name) {
  for (const TestProfile& profile : kProfiles) {
    if (profile.name == name) return profile;
  }
  throw UsageError(fmt::format("--profile: \"{}\" is not one of: record, chain", name));
}

ExitCode compare_runs(const SignificanceOptions& options, const CommonOptions& common) {
  const TestProfile& profile = profile_of(options.profile);
  const double level = options.level.value_or(profile.level);
  const ComparedSide scores = read_side(options.scores, options.in_nats(), options.mode),
                     others = read_side(options.others, options.in_nats(), options.mode);
  const auto bytes = bytes_per_token(options.bytes_per_token, scores, others);
  const double margin = margin_in_unit(options.margin.empty() ? std::string(profile.margin) : options.margin,
                                       options.unit, bytes);
  const MeanTest test = parse_option("", [&] {
    return test_lower_mean(scores.sample, others.sample, margin, options.confidence, options.equal_spread);
  });
  const double deviation = pooled_deviation(scores.sample, others.sample);
  int64_t runs = 0;  // none: no number is enough
  if (deviation > 0) {
    runs = runs_for_power(test.difference, margin, deviation, level, options.power).value_or(0);
  }
  const bool significant = test.p < level;

  Console console("golf-eval", common, options.output == "-");
  const Json json =
      Json::object({{"schema", "golf.significance/1"},
                    {"version", project_version()},
                    {"commit", git_commit()},
                    {"test", options.equal_spread ? "one-sided t, equal spread" : "one-sided Welch t"},
                    {"unit", options.unit},
                    {"profile", options.profile},
                    {"scores", sample_json(scores)},
                    {"against", sample_json(others)},
                    {"bytes_per_token", bytes ? Json(*bytes) : Json()},
                    {"margin", margin},
                    {"difference", test.difference},
                    {"standard_error", test.standard_error},
                    {"interval", Json::array({test.low, test.high})},
                    {"confidence", test.confidence},
                    {"t", test.t},
                    {"degrees_of_freedom", test.degrees},
                    {"p", test.p},
                    {"level", level},
                    {"significant", significant},
                    {"power", options.power},
                    {"runs_for_power", runs > 0 ? Json(runs) : Json()}});
  std::string text = side_text("scores", scores, options.unit) + side_text("against", others, options.unit);
  text += fmt::format(
      "lower by {:.6f} {}, {:g} % interval {:.6f} to {:.6f}\n"
      "by more than {:.6f} {}: t = {:.3f} with {:.2f} degrees of freedom, one-sided p = {:.3g}\n",
      test.difference, options.unit, 100 * test.confidence, test.low, test.high, margin, options.unit, test.t,
      test.degrees, test.p);
  text += fmt::format("{}: p is {} {:g} ({})\n", significant ? "significant" : "not significant",
                      significant ? "below" : "not below", level, options.profile);
  if (runs > 0) {
    text += fmt::format("a power of {:g} at this difference and spread takes {} runs a side\n", options.power,
                        runs);
  } else {
    text += fmt::format("no number of runs up to 10,000 a side gives a power of {:g} at this difference\n",
                        options.power);
  }
  return print_comparison(options.output, json, text, options.check && !significant, console, common);
}

ExitCode run_significance(const SignificanceOptions& options, const CommonOptions& common) {
  if (options.unit != "bpb" && options.unit != "nats") {
    throw UsageError(fmt::format("--unit: \"{}\" is not one of: bpb, nats", options.unit));
  }
  if (!options.output.empty()) {
    std::vector<std::string> inputs = options.scores;
    inputs.insert(inputs.end(), options.others.begin(), options.others.end());
    check_output(options.output, inputs, /*binary=*/false);
  }
  if (!options.paired.wanted) {
    options.paired.refuse_unpaired();
    return compare_runs(options, common);
  }
  if (options.scores.size() != 1 || options.others.size() != 1) {
    throw UsageError("--paired: compares two loss dumps: give one SCORE and one --against");
  }
  const TestProfile& profile = profile_of(options.profile);
  const std::string margin = options.margin.empty() ? std::string(profile.margin) : options.margin;
  return compare_paired(options.scores[0], options.others[0], options.paired,
                        {.in_nats = options.in_nats(),
                         .margin = [&](double bytes) { return margin_in_unit(margin, options.unit, bytes); },
                         .level = options.level.value_or(profile.level),
                         .confidence = options.confidence,
                         .mode = options.mode,
                         .check = options.check,
                         .output = options.output},
                        common);
}

}  // namespace

void add_significance_command(CommandLine& line) {
  const auto options = std::make_shared<SignificanceOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-eval significance",
          .usage = "SCORE... --against SCORE... [OPTIONS]",
          .description =
              "Tests whether scores are lower than others by more than a margin, and always prints p and an "
              "interval. SCORE is a number, MEAN:DEVIATION:COUNT, a result of golf-eval, a submission.json, "
              "a "
              "run's log or a submission's folder. With --paired both are loss dumps over one text, compared "
              "document by document. Runs no model.",
          .examples = "golf-eval significance new/train_seed*.log --against old/submission.json\n"
                      "golf-eval significance 1.0599 1.0612 1.0621 --against 1.0608 1.0609 1.0625 \\\n"
                      "  --profile chain\n"
                      "golf-eval significance a.npy --against b.npy --paired --data data/ \\\n"
                      "  --tokenizer fineweb_1024_bpe.model",
          .gate = "not significant and --check was given",
      },
      [options](const CommonOptions& common) { return run_significance(*options, common); });
  app.add_option("SCORE", options->scores, "scores of the runs that are to be lower")->required();
  app.add_option("--against", options->others, "scores of the runs that they are compared with")
      ->type_name("SCORE")
      ->required()
      ->expected(1, -1)
      ->group("Test");
  app.add_option("--profile", options->profile,
                 "record: by 0.005 nats at p < 0.01, the challenge's rule; chain: at all at p < 0.25, as its "
                 "leaderboard was kept")
      ->type_name("NAME")
      ->check(known_values(names_in(kProfiles)))
      ->capture_default_str()
      ->group("Test");
  app.add_option("--unit", options->unit, "what is tested: bpb or nats (a token)")
      ->type_name("UNIT")
      ->check(known_values({"bpb", "nats"}))
      ->capture_default_str()
      ->group("Test");
  app.add_option("--margin", options->margin, "by how much lower, with its unit: 0.005nats, 0.002bpb")
      ->type_name("MARGIN")
      ->default_str("the profile's")
      ->group("Test");
  app.add_option("--bytes-per-token", options->bytes_per_token,
                 "to convert the margin: a number, or sp1024, sp4096, sp8192, 'sp8192 CaseOps v1'")
      ->type_name("BYTES|NAME")
      ->default_str("the scores' own")
      ->group("Test");
  app.add_option("--level", options->level, "significant below this p")
      ->type_name("P")
      ->default_str("the profile's")
      ->check(CLI::Range(1e-9, 1 - 1e-9))
      ->group("Test");
  app.add_option("--confidence", options->confidence, "of the interval, two-sided")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.9999))
      ->group("Test");
  app.add_flag("--equal-spread", options->equal_spread,
               "a side of one run has the other side's deviation; without it that score counts as exact")
      ->group("Test");
  app.add_option("--power", options->power, "print how many runs a side give this power")
      ->type_name("SHARE")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.9999))
      ->group("Test");
  app.add_option("--mode", options->mode,
                 "of a golf-eval result that has several; with --paired the windows'")
      ->type_name("MODE")
      ->check(known_values({mode_names().begin(), mode_names().end()}))
      ->default_str("the only one; with --paired standard")
      ->group("Test");
  app.add_flag("--check", options->check, "exit with status 1 when it is not significant")->group("Test");
  add_paired_options(app, options->paired);
  app.add_option("-o,--output", options->output, "write the JSON result to a file too; - is standard output")
      ->type_name("FILE")
      ->group("Output");
}

}  // namespace golf
