// What golf-inspect, its --check and runs, and golf-eval audit tell as JSON.
#include <fmt/format.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/report/file_report.h"
#include "golf/artifact/report/run_curves.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/score/loss_audit.h"
#include "native.h"

namespace golf::python {
namespace {

using Path = std::filesystem::path;

nb::object inspect(const Path& path, const std::string& by, const std::string& filter,
                   const std::string& sort, std::optional<int64_t> top, const std::string& key) {
  Json summary;
  {
    const nb::gil_scoped_release release;
    require(top.value_or(0) >= 0, "top", "at least 0 expected");
    const RowSelection selection{.by = parse_breakdown_key(by), .filter = filter, .sort = sort, .top = top};
    const FileReport report = read_report(path_of(path), std::nullopt, Depth::kHeaders, key);
    summary = summary_json(report, std::nullopt, selection);
  }
  return to_python(summary);
}

nb::object check(const std::vector<Path>& paths, uint64_t budget, const std::vector<Path>& code,
                 const std::string& key) {
  Json files = Json::array();
  bool passed = true;
  {
    const nb::gil_scoped_release release;
    std::vector<std::string> code_paths;
    for (const Path& path : code) code_paths.push_back(path_of(path));
    BudgetReport report{.limit_bytes = budget, .code = measure_code(code_paths)};
    for (const Path& path : paths) {
      const FileReport file = read_any_report(path_of(path), std::nullopt, key);
      report.artifact_bytes = file.sizes.file_bytes;
      passed = passed && report.fits();
      files.push_back(summary_json(file, report, {}));
    }
  }
  return to_python(Json::object({{"passed", passed}, {"files", std::move(files)}}));
}

/// @param bytes  of the dump; nothing: they are read from `name`
nb::object audit(const Path& name, const std::optional<nb::bytes>& bytes, const Path& data,
                 const Path& tokenizer, const std::string& mode, int64_t seq_len, int64_t stride,
                 const std::string& window_policy_name, std::optional<int64_t> pack_seqs, bool include_tail,
                 int64_t max_tokens, const Path& text) {
  Bytes dump;
  if (bytes) {
    const auto* first = reinterpret_cast<const std::byte*>(bytes->c_str());
    dump.assign(first, first + bytes->size());
  }
  const bool read_it = !bytes;
  Json report;
  {
    const nb::gil_scoped_release release;
    require(max_tokens >= 0, "max_tokens", "at least 0 expected");
    const EvalMode eval_mode = parse_eval_mode(mode);
    const EvalSettings settings{.mode = eval_mode,
                                .seq_len = seq_len,
                                .stride = stride,
                                .policy = window_policy(window_policy_name),
                                .pack_seqs = pack_seqs.value_or(default_pack_seqs(eval_mode)),
                                .include_tail = include_tail};
    const EvalData loaded = load_eval_data({.data = path_of(data),
                                            .tokenizer = path_of(tokenizer),
                                            .max_tokens = max_tokens,
                                            .text_file = text.empty() ? "" : path_of(text)});
    plan_for(settings, loaded);
    if (const std::string reason = loaded.uncountable(settings); !reason.empty()) {
      fail(ErrorCode::kMismatch, fmt::format("{}: {}", display_name(loaded.source), reason));
    }
    const std::string path = read_it ? path_of(name) : name.string();
    if (read_it) dump = read_file(path);
    const LossAudit audited = audit_losses(path, dump, settings, loaded);
    if (!audited.impossible.empty()) {
      fail(ErrorCode::kCorruptData, fmt::format("{}: {}", display_name(path), audited.impossible));
    }
    if (const ByteCountCheck& count = audited.byte_count; !count.agrees()) {
      fail(ErrorCode::kMismatch,
           fmt::format("{}: the byte-count check failed: {} bytes counted, the text has {}",
                       display_name(loaded.source), count.counted_bytes, count.text_bytes));
    }
    report = to_json(audited);
  }
  return to_python(report);
}

/// {"path", "name", "steps": [[…]], "validations": [[…]]} of each run.
nb::object runs(const std::vector<Path>& folders) {
  Json list = Json::array();
  {
    const nb::gil_scoped_release release;
    for (const Path& folder : folders) {
      const RunCurves run = read_run(path_of(folder));
      Json steps = Json::array(), validations = Json::array();
      for (const StepPoint& point : run.steps) {
        steps.push_back(
            Json::array({point.step, point.tokens, point.train_ms, point.lr_multiplier, point.train_loss}));
      }
      for (const ValidationPoint& point : run.validations) {
        validations.push_back(Json::array({point.step, point.val_loss, point.val_bpb}));
      }
      list.push_back(Json::object({{"path", run.path},
                                   {"name", run.name},
                                   {"steps", std::move(steps)},
                                   {"validations", std::move(validations)}}));
    }
  }
  return to_python(list);
}

}  // namespace

void bind_reports(nb::module_& module) {
  module.def("inspect", &inspect, nb::arg("path"), nb::arg("by"), nb::arg("filter"), nb::arg("sort"),
             nb::arg("top"), nb::arg("key"));
  module.def("check", &check, nb::arg("paths"), nb::arg("budget"), nb::arg("code"), nb::arg("key"));
  module.def("audit", &audit, nb::arg("name"), nb::arg("bytes"), nb::arg("data"), nb::arg("tokenizer"),
             nb::arg("mode"), nb::arg("seq_len"), nb::arg("stride"), nb::arg("window_policy"),
             nb::arg("pack_seqs"), nb::arg("include_tail"), nb::arg("max_tokens"), nb::arg("text"));
  module.def("runs", &runs, nb::arg("folders"));
}

}  // namespace golf::python
