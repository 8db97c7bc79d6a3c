#include "golf_inspect/inspect_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/budget_view.h"
#include "common/console.h"
#include "common/model_option.h"
#include "common/output_file.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "common/version.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/formats/npy.h"
#include "golf_inspect/codecs_view.h"
#include "golf_inspect/curves_svg.h"
#include "golf_inspect/diff_view.h"
#include "golf_inspect/file_report.h"
#include "golf_inspect/model_view.h"
#include "golf_inspect/run_curves.h"
#include "golf_inspect/run_view.h"
#include "golf_inspect/summary_view.h"
#include "golf_inspect/treemap_svg.h"

namespace golf {
namespace {

/// The options with their values understood; every mistake in them is found before a file is opened.
struct Plan {
  RowSelection selection;
  BudgetReport budget;
  std::optional<ModelSpec> spec;
};

void refuse_bad_combinations(const InspectOptions& options) {
  const auto need_one_file = [&](bool used, std::string_view option) {
    if (used && options.files.size() != 1) throw UsageError(fmt::format("{}: give exactly one FILE", option));
  };
  need_one_file(!options.diff.empty(), "--diff");
  need_one_file(!options.extract.empty(), "--extract");
  need_one_file(options.compare_codecs, "--compare-codecs");
  const auto folders = std::count_if(options.files.begin(), options.files.end(), is_folder);
  if (folders > 0 && folders < static_cast<std::ptrdiff_t>(options.files.size())) {
    throw UsageError("give either files or run folders, not both");
  }
  const bool file_options = options.check || options.dump_config || options.compare_codecs ||
                            !options.diff.empty() || !options.extract.empty() ||
                            !options.model_config.empty();
  if (folders > 0 && file_options) {
    throw UsageError("of the options that concern a file, a run folder takes only --svg");
  }
  need_one_file(!options.svg.empty() && folders == 0, "--svg");
  if (options.dump_config && options.files.size() != 1 && options.model_config.empty()) {
    throw UsageError("--dump-config: give exactly one FILE, or --model-config");
  }
  if (options.files.empty() && (options.model_config.empty() || options.check)) {
    throw UsageError("give a FILE, - for standard input, or --model-config: see golf-inspect --help");
  }
  if (options.extract.empty() != options.output.empty()) {
    throw UsageError("--extract TENSOR and -o FILE.npy go together");
  }
  const auto stdin_uses = std::count(options.files.begin(), options.files.end(), "-") + (options.diff == "-");
  if (stdin_uses > 1) throw UsageError("standard input (-) can be read only once");
}

Plan make_plan(const InspectOptions& options) {
  refuse_bad_combinations(options);
  Plan plan;
  const std::string by = !options.by.empty() ? options.by : options.compare_codecs ? "tensor" : "group";
  plan.selection = {
      .by = parse_breakdown_key(by), .filter = options.filter, .sort = options.sort, .top = options.top};
  select_rows({}, plan.selection);  // finds a bad --filter or --sort
  plan.budget.limit_bytes = parse_option("--budget", [&] { return parse_byte_count(options.budget); });
  plan.budget.code = measure_code(options.code);
  plan.spec = read_model_option(options.model_config);
  return plan;
}

std::optional<BudgetReport> budget_of(const FileReport& report, const Plan& plan) {
  if (report.kind != InputKind::kArtifact) return std::nullopt;
  BudgetReport budget = plan.budget;
  budget.artifact_bytes = report.sizes.file_bytes;
  return budget;
}

void warn_about(const FileReport& report, Console& console) {
  for (const std::string& warning : report.warnings) {
    console.warn(fmt::format("{}: {}", printable(report.name), warning));
  }
}

std::string check_text(const FileReport& report, const BudgetReport& budget, const Style& style) {
  return fmt::format("{}: {}", printable(report.name), budget_text(budget, style));
}

/// Summaries of all files, or with --check their budget lines only.
ExitCode summarize(const InspectOptions& options, const Plan& plan, const CommonOptions& common,
                   Console& console) {
  std::string text;
  Json files = Json::array();
  std::vector<std::string> refusals;
  for (const std::string& path : options.files) {
    const FileReport report = read_report(path, plan.spec, options.check ? Depth::kWeights : Depth::kHeaders);
    const std::optional<BudgetReport> budget = budget_of(report, plan);
    if (options.check && !budget) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: is a {}, not an artifact: --check takes artifacts",
                                                printable(report.name), report.kind_name));
    }
    warn_about(report, console);
    if (options.check && !budget->fits()) refusals.push_back(over_budget_line(report.name, *budget));
    if (common.json) {
      files.push_back(summary_json(report, budget, plan.selection));
    } else if (options.check) {
      text += check_text(report, *budget, console.style());
    } else {
      text += (text.empty() ? "" : "\n") + summary_text(report, budget, plan.selection, console.style());
    }
  }
  if (common.json) {
    Json json = Json::object();
    json["schema"] = "golf.inspect/1";
    json["version"] = project_version();
    if (options.check) json["passed"] = refusals.empty();
    json["files"] = std::move(files);
    console.result_json(json);
  } else {
    console.result(text);
  }
  for (const std::string& refusal : refusals) console.refuse(refusal);
  return refusals.empty() ? ExitCode::kDone : ExitCode::kGateSaidNo;
}

ExitCode extract(const InspectOptions& options, const Plan& plan, const CommonOptions& common,
                 Console& console) {
  check_output(options.output, options.files);
  const LoadedModel model = load_model(options.files.front(), plan.spec, common.threads);
  const Tensor* tensor = model.tensors.find(options.extract);
  if (tensor == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, other] : model.tensors) names.push_back(name);
    const auto match = closest_match(options.extract, names);
    throw UsageError(fmt::format("--extract: no tensor \"{}\"{}", printable(options.extract),
                                 match ? fmt::format(" (did you mean {}?)", printable(*match)) : ""));
  }
  // NumPy has no bfloat16; float32 holds each of its values exactly.
  const Tensor widened = tensor->dtype == DType::kBF16
                             ? make_tensor<float>(DType::kF32, tensor->shape, to_f32(*tensor))
                             : Tensor();
  write_file_atomic(options.output, encode_npy(tensor->dtype == DType::kBF16 ? widened : *tensor));
  console.note(fmt::format("{}: {} {}", printable(options.extract), torch_name(tensor->dtype),
                           to_string(tensor->shape)));
  return ExitCode::kDone;
}

ExitCode dump_config(const InspectOptions& options, const Plan& plan, Console& console) {
  std::optional<ModelSpec> spec = plan.spec;
  if (!options.files.empty()) spec = read_report(options.files.front(), plan.spec).spec;
  if (!spec) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: carries no model configuration: name one with --model-config",
                     printable(options.files.front())));
  }
  console.result_json(to_json(*spec));
  return ExitCode::kDone;
}

ExitCode diff(const InspectOptions& options, const Plan& plan, const CommonOptions& common,
              Console& console) {
  const FileReport before = read_report(options.files.front(), plan.spec);
  const FileReport after = read_report(options.diff, plan.spec);
  if (common.json) {
    console.result_json(diff_json(before, after, plan.selection));
  } else {
    console.result(diff_text(before, after, plan.selection, console.style()));
  }
  return ExitCode::kDone;
}

ExitCode compare(const InspectOptions& options, const Plan& plan, const CommonOptions& common,
                 Console& console) {
  const std::string& path = options.files.front();
  const std::string what = path == "-" ? "standard input" : path;
  const Bytes bytes = read_file(path);
  if (!is_artifact(bytes)) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not an artifact: --compare-codecs compares what an artifact stores: pack it first",
                     printable(what)));
  }
  const Artifact artifact = decode_artifact(bytes, printable(what), common.threads);
  const CodecComparison comparison = compare_codecs(artifact.model, common.threads, console.progress());
  if (common.json) {
    console.result_json(codecs_json(what, comparison, plan.selection));
  } else {
    console.result(codecs_text(what, comparison, plan.selection, console.style()));
  }
  return ExitCode::kDone;
}

/// Run folders: their curves.
ExitCode show_runs(const InspectOptions& options, const CommonOptions& common, Console& console) {
  if (!options.svg.empty()) check_output(options.svg, options.files, /*binary=*/false);
  std::vector<RunCurves> runs;
  for (const std::string& folder : options.files) runs.push_back(read_run(folder));
  if (!options.svg.empty()) {
    write_file_atomic(options.svg, as_bytes(curves_svg(runs)));
  } else if (common.json) {
    console.result_json(runs_json(runs));
  } else {
    console.result(runs_text(runs, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode inspect_command(const InspectOptions& options, const CommonOptions& common) {
  const Plan plan = make_plan(options);
  Console console("golf-inspect", common);
  if (options.dump_config) return dump_config(options, plan, console);
  if (!options.extract.empty()) return extract(options, plan, common, console);
  if (!options.diff.empty()) return diff(options, plan, common, console);
  if (options.compare_codecs) return compare(options, plan, common, console);
  if (options.files.empty()) {
    if (common.json) {
      console.result_json(model_json(options.model_config, *plan.spec, common.threads));
    } else {
      console.result(model_text(options.model_config, *plan.spec, common.threads, console.style()));
    }
    return ExitCode::kDone;
  }
  if (is_folder(options.files.front())) return show_runs(options, common, console);
  if (!options.svg.empty()) {
    check_output(options.svg, options.files, /*binary=*/false);
    const std::string picture = treemap_svg(read_report(options.files.front(), plan.spec));
    write_file_atomic(options.svg, as_bytes(picture));
    return ExitCode::kDone;
  }
  return summarize(options, plan, common, console);
}

}  // namespace golf
