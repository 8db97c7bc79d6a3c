#include "golf_inspect/submission_views.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/run_main.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

template <class T>
Json value_of(const std::optional<Logged<T>>& logged) {
  return logged ? Json(logged->value) : Json();
}

Json summary_of(const SubmissionLog& log) {
  const LoggedScore* result = log.result();
  const LoggedSize *total = log.total(), *model = log.model();
  return Json::object({{"file", log.file},
                       {"seed", value_of(log.seed)},
                       {"steps", value_of(log.last_step)},
                       {"train_ms", value_of(log.train_ms)},
                       {"world_size", value_of(log.world_size)},
                       {"gpus", static_cast<uint64_t>(log.gpus.size())},
                       {"gpu", log.gpus.empty() ? Json() : Json(log.gpus[0].value)},
                       {"model_params", value_of(log.model_params)},
                       {"train_shards", value_of(log.train_shards)},
                       {"val_tokens", value_of(log.val_tokens)},
                       {"val_loss", result != nullptr && result->loss ? Json(*result->loss) : Json()},
                       {"val_bpb", result != nullptr ? Json(result->bpb) : Json()},
                       {"model_bytes", model != nullptr ? Json(model->bytes) : Json()},
                       {"total_bytes", total != nullptr ? Json(total->bytes) : Json()}});
}

/// Numbers and texts by the fields' own names; what is of another type is left out.
Json summary_of(const SubmissionRecord& record) {
  constexpr size_t kLongestText = 500;
  Json summary = Json::object();
  for (const FoundField& found : record.fields()) {
    const auto number = found.field->type == RecordType::kText ? std::nullopt : found.number();
    const std::string name(found.field->name);
    if (number && found.value->is_integer()) {
      summary[name] = *found.value;
    } else if (number) {
      summary[name] = *number;
    } else if (found.value->is_string()) {
      summary[name] = printable(found.value->as_string(), kLongestText);
    }
  }
  return summary;
}

/// "train.log:12", "train.log", or nothing.
std::string place_of(const Finding& finding) {
  const std::string file = printable(finding.file);
  return finding.line > 0 ? fmt::format("{}:{}", file, finding.line) : file;
}

std::string path_of(const CheckedSubmission& checked, const Finding& finding) {
  if (finding.file.empty()) return checked.path;
  return checked.path + (checked.path.ends_with('/') ? "" : "/") + finding.file;
}

std::string counts_text(const CheckedSubmission& checked) {
  if (checked.findings.empty()) return "no finding";
  std::string text;
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kInfo}) {
    const size_t count = checked.count(severity);
    if (count == 0) continue;
    const char* plural = severity == Severity::kInfo || count == 1 ? "" : "s";
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, severity_name(severity), plural);
  }
  return text;
}

std::string colored(Severity severity, const Style& style) {
  const std::string name = fmt::format("{:<7}", severity_name(severity));
  if (severity == Severity::kError) return style.red(name);
  return severity == Severity::kWarning ? style.yellow(name) : style.dim(name);
}

/// Text that Markdown and HTML show as it is.
std::string markdown_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("<>&@#`|*_[]()!~\\").find(c) != std::string_view::npos) {
      escaped += fmt::format("&#{};", static_cast<int>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// As GitHub's own toolkit escapes; `property`: between "::" and "::".
std::string github_escaped(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    escaped += special ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return escaped;
}

std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-~").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string_view sarif_level(Severity severity) {
  return severity == Severity::kInfo ? "note" : severity_name(severity);
}

Json sarif_text(std::string_view text) { return Json::object({{"text", text}}); }

}  // namespace

size_t CheckedSubmission::count(Severity severity) const {
  return static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.check->severity == severity;
  }));
}

CheckedSubmission check_folder(const std::string& path, std::optional<Track> track, const KnownData& known) {
  const Submission submission = read_submission(path, track);
  CheckedSubmission checked{.path = path, .track = submission.track, .files = submission.folder.files.size()};
  if (submission.record && submission.record->problem().empty()) {
    checked.record = summary_of(*submission.record);
  }
  for (const SubmissionLog& log : submission.logs) checked.logs.push_back(summary_of(log));
  checked.findings = check_submission(submission, known);
  // The worst first; the table's order within.
  std::stable_sort(checked.findings.begin(), checked.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.check->severity > b.check->severity; });
  return checked;
}

std::string submission_text(const CheckedSubmission& checked, const Style& style) {
  std::string text = fmt::format("{}: {} (track {}, {} files, {} logs)\n",
                                 style.bold(printable(checked.path)), counts_text(checked),
                                 track_name(checked.track), checked.files, checked.logs.as_array().size());
  for (const Finding& finding : checked.findings) {
    const std::string place = place_of(finding);
    text += fmt::format("  {} {} {}: {}{}{}\n", colored(finding.check->severity, style), finding.check->id,
                        finding.check->name, place, place.empty() ? "" : ": ", finding.message);
    text += fmt::format("          {}\n", style.dim(finding.check->hint));
  }
  return text;
}

Json submission_json(const CheckedSubmission& checked) {
  Json findings = Json::array();
  for (const Finding& finding : checked.findings) {
    findings.push_back(Json::object({{"id", finding.check->id},
                                     {"name", finding.check->name},
                                     {"severity", severity_name(finding.check->severity)},
                                     {"message", finding.message},
                                     {"file", printable(finding.file)},
                                     {"line", finding.line},
                                     {"hint", finding.check->hint}}));
  }
  return Json::object({{"schema", "golf.submission/1"},
                       {"version", project_version()},
                       {"path", printable(checked.path, 4096)},
                       {"track", track_name(checked.track)},
                       {"files", static_cast<uint64_t>(checked.files)},
                       {"errors", static_cast<uint64_t>(checked.count(Severity::kError))},
                       {"warnings", static_cast<uint64_t>(checked.count(Severity::kWarning))},
                       {"infos", static_cast<uint64_t>(checked.count(Severity::kInfo))},
                       {"record", checked.record},
                       {"logs", checked.logs},
                       {"findings", std::move(findings)}});
}

std::string submission_markdown(const CheckedSubmission& checked) {
  std::string text =
      fmt::format("### {}\n\n{}\n", markdown_escaped(printable(checked.path)), counts_text(checked));
  if (!checked.findings.empty())
    text += "\n| level | check | where | what | remedy |\n|---|---|---|---|---|\n";
  for (const Finding& finding : checked.findings) {
    text += fmt::format("| {} | {} {} | {} | {} | {} |\n", severity_name(finding.check->severity),
                        finding.check->id, finding.check->name, markdown_escaped(place_of(finding)),
                        markdown_escaped(finding.message), markdown_escaped(finding.check->hint));
  }
  return text + "\n";
}

std::string submission_github(const CheckedSubmission& checked) {
  std::string text;
  for (const Finding& finding : checked.findings) {
    const Severity severity = finding.check->severity;
    std::string place = "file=" + github_escaped(printable(path_of(checked, finding), 4096), true);
    if (finding.line > 0) place += fmt::format(",line={}", finding.line);
    text += fmt::format("::{} {},title={} {}::{}. {}\n",
                        severity == Severity::kInfo ? "notice" : severity_name(severity), place,
                        finding.check->id, finding.check->name, github_escaped(finding.message, false),
                        github_escaped(finding.check->hint, false));
  }
  return text;
}

Json submissions_sarif(const std::vector<CheckedSubmission>& all) {
  Json rules = Json::array(), results = Json::array();
  for (const CheckRow& check : check_table()) {
    rules.push_back(
        Json::object({{"id", check.id},
                      {"name", check.name},
                      {"shortDescription", sarif_text(check.meaning)},
                      {"help", sarif_text(check.hint)},
                      {"defaultConfiguration", Json::object({{"level", sarif_level(check.severity)}})}}));
  }
  for (const CheckedSubmission& checked : all) {
    for (const Finding& finding : checked.findings) {
      Json place =
          Json::object({{"artifactLocation", Json::object({{"uri", uri_of(path_of(checked, finding))}})}});
      if (finding.line > 0) place["region"] = Json::object({{"startLine", finding.line}});
      results.push_back(Json::object(
          {{"ruleId", finding.check->id},
           {"level", sarif_level(finding.check->severity)},
           {"message", sarif_text(finding.message)},
           {"locations", Json::array({Json::object({{"physicalLocation", std::move(place)}})})}}));
    }
  }
  Json driver =
      Json::object({{"name", "golf-inspect"}, {"version", project_version()}, {"rules", std::move(rules)}});
  Json run = Json::object(
      {{"tool", Json::object({{"driver", std::move(driver)}})}, {"results", std::move(results)}});
  return Json::object({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                       {"version", "2.1.0"},
                       {"runs", Json::array({std::move(run)})}});
}

}  // namespace golf
