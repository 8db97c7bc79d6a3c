#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/sizes.h"
#include "draw/pictures.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/model_file.h"
#include "golf/artifact/report/file_report.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf_inspect/check_view.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/page_builder.h"
#include "golf_inspect/views.h"

namespace golf {
namespace {

struct InspectOptions {
  std::vector<std::string> files;
  BreakdownOptions breakdown;
  bool check = false, markdown = false;
  std::string budget = "16000000";  ///< bytes
  std::vector<std::string> code;
  std::string model_config;
  std::string key;
  std::string svg, html;
};

/// The options with their values understood; every mistake in them is found before a file is opened.
struct Request {
  RowSelection selection;
  BudgetReport budget;
  std::optional<ModelSpec> spec;
};

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// @throws Error for a folder that is no model in parts
void refuse_plain_folder(const std::string& path) {
  if (!is_folder(path) || is_model_folder(path)) return;
  fail(
      ErrorCode::kUnsupported,
      fmt::format("{0}: is a folder: golf-inspect runs {0} shows a training run, golf-inspect submission {0} "
                  "checks a submission",
                  printable(path)));
}

Request understand(const InspectOptions& options) {
  if (!options.check) {
    for (const std::string& path : options.files) {
      if (options.html.empty() || !is_run_folder(path)) refuse_plain_folder(path);
    }
  }
  if (!options.svg.empty() && options.files.size() != 1) throw UsageError("--svg: give exactly one FILE");
  if (options.files.empty() && (options.model_config.empty() || options.check)) {
    throw UsageError("give a FILE, - for standard input, or --model-config: see golf-inspect --help");
  }
  if (std::count(options.files.begin(), options.files.end(), "-") > 1) {
    throw UsageError("standard input (-) can be read only once");
  }
  Request request;
  request.selection = options.breakdown.selection();
  request.budget.limit_bytes = parse_option("--budget", [&] { return parse_byte_count(options.budget); });
  request.budget.code = measure_code(options.code);
  request.spec = read_model_option(options.model_config);
  return request;
}

std::optional<BudgetReport> budget_of(const FileReport& report, const Request& request) {
  if (report.kind != InputKind::kArtifact) return std::nullopt;
  BudgetReport budget = request.budget;
  budget.artifact_bytes = report.sizes.file_bytes;
  return budget;
}

void warn_about(const FileReport& report, Console& console) {
  for (const std::string& warning : report.warnings) {
    console.warn(fmt::format("{}: {}", printable(report.name), warning));
  }
}

void show(Json files, const std::string& text, std::optional<bool> passed, const CommonOptions& common,
          Console& console) {
  if (!common.json) return console.report(text);
  Json json = Json::object({{"schema", "golf.inspect/1"}, {"version", project_version()}});
  if (passed) json["passed"] = *passed;
  json["files"] = std::move(files);
  console.result_json(json);
}

ExitCode summarize(const InspectOptions& options, const Request& request, const CommonOptions& common,
                   Console& console) {
  std::string text;
  Json files = Json::array();
  for (const std::string& path : options.files) {
    const FileReport report = read_report(path, request.spec, Depth::kHeaders, options.key);
    const std::optional<BudgetReport> budget = budget_of(report, request);
    warn_about(report, console);
    if (common.json) {
      files.push_back(summary_json(report, budget, request.selection));
    } else {
      text += (text.empty() ? "" : "\n") + summary_text(report, budget, request.selection, console.style());
    }
  }
  show(std::move(files), text, std::nullopt, common, console);
  return ExitCode::kDone;
}

/// One file of --check. With others beside it, one that cannot be read becomes a line like theirs.
CheckedFile check_file(const std::string& path, const Request& request, const InspectOptions& options,
                       ExitCode& status) {
  try {
    refuse_plain_folder(path);
    CheckedFile file{.report = read_any_report(path, request.spec, options.key), .budget = request.budget};
    file.budget.artifact_bytes = file.report.sizes.file_bytes;
    if (!file.budget.fits()) status = std::max(status, ExitCode::kCheckFailed);
    return file;
  } catch (const Error& error) {
    if (options.files.size() == 1) throw;
    status = std::max(status, exit_code_of(error.code()));
    const std::string name = display_name(path);
    std::string reason = error.what();
    if (reason.starts_with(name + ": ")) reason.erase(0, name.size() + 2);
    return {.report = {.name = name}, .budget = request.budget, .error = reason};
  }
}

/// --check: the verdicts alone. The exit status is that of the worst file.
ExitCode check(const InspectOptions& options, const Request& request, const CommonOptions& common,
               Console& console) {
  std::vector<CheckedFile> checked;
  Json files = Json::array();
  ExitCode status = ExitCode::kDone;
  for (const std::string& path : options.files) {
    CheckedFile file = check_file(path, request, options, status);
    warn_about(file.report, console);
    if (common.json) {
      files.push_back(file.error.empty() ? summary_json(file.report, file.budget, request.selection)
                                         : Json::object({{"path", file.report.name}, {"error", file.error}}));
    }
    file.report.sizes = {};
    checked.push_back(std::move(file));
  }
  if (options.markdown && !common.json) {
    console.result(check_markdown(checked));
  } else {
    show(std::move(files), check_text(checked, console.style()), status == ExitCode::kDone, common, console);
  }
  return status;
}

/// --html: all files and runs on one page.
ExitCode write_page(const InspectOptions& options, const Request& request) {
  check_output(options.html, options.files, /*binary=*/false);
  PageBuilder page;
  for (const std::string& path : options.files) {
    if (is_folder(path) && !is_model_folder(path)) {
      page.add_run(read_run(path));
      continue;
    }
    FileReport report = read_report(path, request.spec, Depth::kIntegers, options.key);
    const std::optional<BudgetReport> budget = budget_of(report, request);
    page.add_file(std::move(report), budget);
  }
  write_file_atomic(options.html, as_bytes(page.html()));
  return ExitCode::kDone;
}

void refuse_options_without_use(const CLI::App& app, const InspectOptions& options,
                                const CommonOptions& common) {
  if (options.files.empty() && !options.model_config.empty()) {
    refuse_unused(app,
                  {"--by", "--filter", "--sort", "--top", "--svg", "--html", "--budget", "--code", "--key"},
                  "belongs to a FILE");
  }
  if (options.check && !common.json) {
    refuse_unused(app, {"--by", "--filter", "--sort", "--top"},
                  "a verdict of --check has no rows: leave it out, or add --json");
  }
  if (options.check) refuse_unused(app, {"--svg", "--html"}, "does not go with --check");
  if (!options.html.empty()) {
    refuse_unused(app, {"--svg"}, "does not go with --html");
    refuse_unused(app, {"--by", "--filter", "--sort", "--top"},
                  "the page has all tensors and sorts them itself: leave it out");
    if (common.json) throw UsageError("--json: does not go with --html");
  }
  if (!options.svg.empty()) {
    refuse_unused(app, {"--filter", "--sort", "--top"}, "the picture has all tensors: leave it out");
  }
}

std::string picture_of(const FileReport& report, const Request& request) {
  std::string subtitle = report.kind_name;
  if (report.artifact) {
    if (!report.artifact->recipe.empty()) subtitle += ", recipe " + report.artifact->recipe;
    subtitle += ", codec " + to_string(report.artifact->codec);
  }
  return treemap_svg(std::filesystem::path(report.name).filename().string(), subtitle, report.sizes,
                     request.selection.by, budget_of(report, request));
}

ExitCode inspect(const InspectOptions& options, const CommonOptions& common) {
  const Request request = understand(options);
  Console console("golf-inspect", common);
  for (const std::string& warning : code_warnings(request.budget)) console.warn(warning);
  if (options.files.empty()) {
    if (common.json) {
      console.result_json(model_json(options.model_config, *request.spec, common.threads));
    } else {
      console.report(model_text(options.model_config, *request.spec, common.threads, console.style()));
    }
    return ExitCode::kDone;
  }
  if (!options.svg.empty()) {
    check_output(options.svg, options.files, /*binary=*/false);
    const FileReport report = read_report(options.files.front(), request.spec, Depth::kHeaders, options.key);
    write_file_atomic(options.svg, as_bytes(picture_of(report, request)));
    return ExitCode::kDone;
  }
  if (!options.html.empty()) return write_page(options, request);
  return options.check ? check(options, request, common, console)
                       : summarize(options, request, common, console);
}

}  // namespace

ToolInfo inspect_info() {
  return {
      .name = "golf-inspect",
      .usage =
          "FILE... [OPTIONS]\n"
          "       golf-inspect --model-config NAME|FILE [OPTIONS]\n"
          "       golf-inspect COMMAND ...",
      .description =
          "Shows where the bytes of an artifact (.golf, .ptz) or checkpoint (safetensors, torch .pt) go "
          "and whether it fits the budget; describes token shards and tokenizers. Kinds are told by "
          "content; - is standard input. The rows of a breakdown sum exactly to the file.",
      .examples =
          "golf-inspect model.golf --by tensor --top 10\n"
          "golf-inspect --check --budget 16MB --code train_gpt.py seed1.golf seed2.golf seed3.golf\n"
          "golf-inspect model.golf --svg bytes.svg\n"
          "golf-inspect old.golf new.golf --html page.html\n"
          "golf-inspect diff old.golf new.golf --by layer\n"
          "golf-inspect runs runs/first runs/second --svg losses.svg\n"
          "golf-pack final.pt -o - | golf-inspect - --json",
      .gate = "--check found a file over budget",
  };
}

void add_inspect_options(CommandLine& line) {
  const auto options = std::make_shared<InspectOptions>();
  CLI::App& app = line.app();
  line.on_run([options, &app](const CommonOptions& common) {
    refuse_options_without_use(app, *options, common);
    return inspect(*options, common);
  });
  app.add_option("FILE", options->files,
                 "artifact, checkpoint, token shard or SentencePiece model; - for standard input")
      ->type_name("FILE");
  add_breakdown_options(app, options->breakdown);
  app.add_option("--svg", options->svg, "draw the bytes as a treemap instead, in boxes by --by")
      ->type_name("FILE")
      ->group("Breakdown");
  app.add_option(
         "--html", options->html,
         "write a page instead: treemap, table, integers and entropy of every FILE, what differs between "
         "two, curves of run folders")
      ->type_name("FILE")
      ->group("Breakdown");
  CLI::Option* check =
      app.add_flag("--check", options->check,
                   "size gate for files of any kind: one line each, exit 1 when any is over budget")
          ->group("Budget");
  app.add_flag("--markdown", options->markdown, "with --check: a Markdown table, for the summary of a CI job")
      ->needs(check)
      ->group("Budget");
  app.add_option("--budget", options->budget,
                 "limit on artifact and code together, decimal bytes: 16000000, 16MB")
      ->type_name("BYTES")
      ->group("Budget");
  app.add_option("--code", options->code,
                 "code as shipped, a file or a folder of sources, counted in the budget; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group("Budget");
  add_model_config_option(
      app, options->model_config,
      "a model's parameters and stored sizes before any training; with FILE: check its tensors against it");
  add_key_option(app, options->key, "Model");
  line.retire_option("--diff", "golf-inspect diff BEFORE AFTER");
  line.retire_option("--compare-codecs", "golf-inspect codecs ARTIFACT");
  line.retire_option("--extract", "golf-inspect extract FILE TENSOR -o FILE.npy");
  line.retire_option("--dump-config", "golf-inspect config FILE");
}

RowSelection BreakdownOptions::selection() const {
  const BreakdownKey key = parse_option("--by", [&] { return parse_breakdown_key(by); });
  RowSelection selection{.by = key, .filter = filter, .sort = sort, .top = top};
  try {
    select_rows({}, selection);
  } catch (const Error& error) {
    throw UsageError(std::string("--") + error.what());  // the library says "filter: …" and "sort: …"
  }
  return selection;
}

void add_breakdown_options(CLI::App& app, BreakdownOptions& options) {
  const std::string group = "Breakdown";
  app.add_option("--by", options.by, "rows of the breakdown: tensor, group, layer or scheme")
      ->type_name("KEY")
      ->check(known_values({"tensor", "group", "layer", "scheme"}))
      ->group(group);
  app.add_option("--filter", options.filter, "only tensors whose name matches; the rest becomes one row")
      ->type_name("REGEX")
      ->group(group);
  app.add_option("--sort", options.sort, "bytes, name, weights, bits, raw, or file for the order in the file")
      ->type_name("KEY")
      ->check(known_values({"bytes", "name", "weights", "bits", "raw", "file"}))
      ->group(group);
  app.add_option("--top", options.top, "show this many rows and sum the others into one")
      ->type_name("ROWS")
      ->check(at_least(0))
      ->group(group);
}

void add_model_config_option(CLI::App& app, std::string& name_or_path, const std::string& help) {
  app.add_option("--model-config", name_or_path, help)
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group("Model");
}

}  // namespace golf
