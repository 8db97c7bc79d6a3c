// Submissions' folders: what they claim, against their own logs, their code and the challenge's rules.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/submission/written_record.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/result_files.h"
#include "golf_inspect/submission_views.h"
#include "page/html_page.h"

namespace golf {
namespace {

struct SubmissionOptions {
  std::vector<std::string> folders;
  std::string track = "auto";
  std::string known_data;
  std::string written_record;
  std::string html;
  std::vector<std::string> results;
  bool check = false;
  bool markdown = false, github = false, sarif = false;
};

std::optional<Track> parse_track(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "record") return Track::kRecord;
  if (text == "non-record") return Track::kNonRecord;
  throw UsageError(fmt::format("--track: \"{}\" is not one of: auto, record, non-record", text));
}

std::string text_of(const std::vector<CheckedSubmission>& all, const Style& style) {
  std::string text;
  std::vector<size_t> folders(check_table().size()), findings(check_table().size());
  for (const CheckedSubmission& checked : all) {
    text += submission_text(checked, style);
    std::vector<bool> has(check_table().size());
    for (const Finding& finding : checked.findings) {
      const auto row = static_cast<size_t>(finding.check - check_table().data());
      ++findings[row];
      has[row] = true;
    }
    for (size_t row = 0; row < has.size(); ++row) folders[row] += has[row] ? 1 : 0;
  }
  if (all.size() < 2) return text;
  TextTable table(
      {{"check", Align::kLeft}, {"name", Align::kLeft}, {"level", Align::kLeft}, {"folders"}, {"findings"}});
  for (size_t row = 0; row < findings.size(); ++row) {
    const CheckRow& check = check_table()[row];
    if (findings[row] == 0) continue;
    table.add({std::string(check.id), std::string(check.name), std::string(severity_name(check.severity)),
               with_separators(static_cast<uint64_t>(folders[row])),
               with_separators(static_cast<uint64_t>(findings[row]))});
  }
  const auto clean =
      std::count_if(all.begin(), all.end(), [](const auto& checked) { return checked.findings.empty(); });
  return text + fmt::format("\n{} folders, {} without a finding\n", all.size(), clean) + table.render(style);
}

/// --write-submission-json.
ExitCode write_record(const SubmissionOptions& options, const CommonOptions& common,
                      std::optional<Track> track) {
  if (options.folders.size() != 1) throw UsageError("--write-submission-json: give one folder");
  check_output(options.written_record, {}, /*binary=*/false);
  const Json record = record_from_logs(read_submission(options.folders[0], track));
  write_file_atomic(options.written_record, as_bytes(record.dump(2) + "\n"));
  Console console("golf-inspect", common, options.written_record == "-");
  if (options.written_record != "-") console.note("wrote " + options.written_record);
  return ExitCode::kDone;
}

/// --html: one submission in full, or a leaderboard of several.
void write_page(const SubmissionOptions& options, const std::vector<CheckedSubmission>& all, Json results) {
  Json submissions = Json::array();
  for (const CheckedSubmission& checked : all) submissions.push_back(submission_json(checked));
  Json page = Json::object({{"submissions", std::move(submissions)},
                            {"results", std::move(results)},
                            {"limit_bytes", kBudgetBytes}});
  const std::string title =
      all.size() == 1 ? "Submission " + all[0].path : fmt::format("{} submissions", all.size());
  write_file_atomic(options.html, as_bytes(html_page(title, text_of(all, Style(false)), std::move(page))));
}

ExitCode check_folders(const SubmissionOptions& options, const CommonOptions& common) {
  const std::optional<Track> track = parse_track(options.track);
  if (!options.written_record.empty()) return write_record(options, common, track);
  Json results = Json::array();
  if (!options.html.empty()) {
    if (common.json) throw UsageError("--json: does not go with --html");
    std::vector<std::string> inputs = options.folders;
    inputs.insert(inputs.end(), options.results.begin(), options.results.end());
    check_output(options.html, inputs, /*binary=*/false);
    for (const std::string& path : options.results) results.push_back(read_result_file(path));
  }
  const KnownData known = KnownData::load(options.known_data);
  std::vector<CheckedSubmission> all(options.folders.size());
  parallel_for(all.size(), common.threads,
               [&](size_t i) { all[i] = check_folder(options.folders[i], track, known); });
  Console console("golf-inspect", common);
  if (!options.html.empty()) {
    write_page(options, all, std::move(results));
  } else if (options.sarif) {
    console.result_json(submissions_sarif(all));
  } else if (common.json) {
    std::string lines;
    for (const CheckedSubmission& checked : all) lines += submission_json(checked).dump() + "\n";
    console.result(lines);
  } else if (options.markdown || options.github) {
    std::string text;
    for (const CheckedSubmission& checked : all) {
      text += options.markdown ? submission_markdown(checked) : submission_github(checked);
    }
    console.result(text);
  } else {
    console.report(text_of(all, console.style()));
  }
  const bool failed = std::any_of(all.begin(), all.end(),
                                  [](const auto& checked) { return checked.count(Severity::kError) > 0; });
  return options.check && failed ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void add_submission_command(CommandLine& line) {
  const auto options = std::make_shared<SubmissionOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect submission",
          .usage = "DIR... [OPTIONS]",
          .description =
              "Checks submissions' folders: files, submission.json, logs and code against each other and "
              "against the rules. Nothing in them is run. It finds or does not find; it never approves.",
          .examples = "golf-inspect submission records/track_10min_16mb/*\n"
                      "golf-inspect submission my_submission --check --github\n"
                      "golf-inspect submission my_submission --html report.html --result verify.json",
          .gate = "an error was found and --check was given",
      },
      [options](const CommonOptions& common) { return check_folders(*options, common); });
  app.add_option("DIR", options->folders, "folder of a submission")->required();
  app.add_option("--track", options->track, "auto (by path and submission.json), record or non-record")
      ->type_name("TRACK")
      ->check(known_values({"auto", "record", "non-record"}))
      ->capture_default_str()
      ->group("Checks");
  app.add_option("--known-data", options->known_data,
                 "JSON file of further tokenizers and validation texts that are known")
      ->type_name("FILE")
      ->group("Checks");
  app.add_flag("--check", options->check, "exit with status 1 when there is an error")->group("Checks");
  CLI::Option* markdown =
      app.add_flag("--markdown", options->markdown, "a Markdown table for each folder")->group("Output");
  CLI::Option* github =
      app.add_flag("--github", options->github, "lines that GitHub Actions shows beside the code")
          ->group("Output");
  CLI::Option* sarif = app.add_flag("--sarif", options->sarif, "one SARIF 2.1.0 document")->group("Output");
  app.add_option("--write-submission-json", options->written_record,
                 "write a submission.json made from the logs instead; one DIR")
      ->type_name("FILE")
      ->group("Output");
  CLI::Option* html =
      app.add_option("--html", options->html,
                     "write a page: one submission in full, or a leaderboard of several that open")
          ->type_name("FILE")
          ->group("Output");
  app.add_option(
         "--result", options->results,
         "JSON of golf-eval verify, significance, data-audit or batch to show on the page; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->needs(html)
      ->group("Output");
  markdown->excludes(github)->excludes(sarif)->excludes(html);
  github->excludes(sarif)->excludes(html);
  sarif->excludes(html);
}

}  // namespace golf
