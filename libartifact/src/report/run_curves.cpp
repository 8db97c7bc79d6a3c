#include "golf/artifact/report/run_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr uint64_t kMaxLineBytes = 1 << 20;

void take_record(const Json& record, RunCurves& run) {
  const std::string& kind = record.at("kind").as_string();
  if (kind == "run") {
    const std::string& schema = record.at("schema").as_string();
    if (schema != "golf.metrics/1") {
      fail(ErrorCode::kUnsupported,
           fmt::format("schema \"{}\": this version reads golf.metrics/1", printable(schema)));
    }
    const Json& config = record.at("config");
    run.name = config.at("name").as_string();
    run.planned_steps = config.at("schedule").at("iterations").as_int();
    run.parameters = record.at("parameters").as_int();
    Json settings = config;
    std::erase_if(settings.as_object(), [](const Json::Member& member) { return member.first == "seed"; });
    run.settings = settings.dump();
  } else if (kind == "step") {
    // JSON has no NaN: the step at which a run broke off carries null.
    if (record.at("train_loss").is_null()) return;
    const StepPoint point{.step = record.at("step").as_int(),
                          .train_loss = record.at("train_loss").as_double(),
                          .lr_multiplier = record.at("lr_multiplier").as_double(),
                          .train_ms = record.at("train_ms").as_double(),
                          .tokens = record.at("tokens").as_int()};
    // A resumed run takes steps again that it had recorded before it was cut off.
    while (!run.steps.empty() && run.steps.back().step >= point.step) run.steps.pop_back();
    run.steps.push_back(point);
  } else if (kind == "validation") {
    const ValidationPoint point{.step = record.at("step").as_int(),
                                .val_loss = record.at("val_loss").as_double(),
                                .val_bpb = record.at("val_bpb").as_double()};
    while (!run.validations.empty() && run.validations.back().step >= point.step) run.validations.pop_back();
    run.validations.push_back(point);
  }
}

}  // namespace

std::optional<double> RunCurves::bpb_per_nat() const {
  if (validations.empty() || !(validations.back().val_loss > 0)) return std::nullopt;
  return validations.back().val_bpb / validations.back().val_loss;
}

StepPoint RunCurves::step_at(int64_t step) const {
  const auto after = std::upper_bound(steps.begin(), steps.end(), step,
                                      [](int64_t at, const StepPoint& point) { return at < point.step; });
  return after == steps.begin() ? StepPoint() : *std::prev(after);
}

std::vector<std::string> short_labels(const std::vector<RunCurves>& runs) {
  std::vector<std::vector<std::string>> paths;
  for (const RunCurves& run : runs) {
    std::vector<std::string> parts;
    for (const auto& part : std::filesystem::path(run.path).lexically_normal()) {
      if (!part.empty()) parts.push_back(part.string());
    }
    paths.push_back(std::move(parts));
  }
  size_t shared = 0;  // leading folders; the last part always stays
  const auto all_share = [&] {
    return std::all_of(paths.begin(), paths.end(), [&](const std::vector<std::string>& parts) {
      return shared + 1 < parts.size() && parts[shared] == paths[0][shared];
    });
  };
  while (!paths.empty() && all_share()) ++shared;
  std::vector<std::string> labels;
  for (const std::vector<std::string>& parts : paths) {
    std::string label;
    for (size_t i = shared; i < parts.size(); ++i) {
      label += (label.empty() || label == "/" ? "" : "/") + parts[i];
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

bool is_run_folder(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::path(folder) / "metrics.jsonl", ignored);
}

RunCurves read_run(const std::string& folder) {
  namespace fs = std::filesystem;
  RunCurves run;
  run.path = folder;
  run.name = fs::path(folder).filename().string();
  const std::string path = (fs::path(folder) / "metrics.jsonl").string();
  if (!fs::exists(path)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: no metrics.jsonl in it: give a run folder of golf-train", printable(folder)));
  }
  const Bytes bytes = read_file(path);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // still being written
    const std::string where = fmt::format("{}:{}", printable(path), number);
    try {
      take_record(parse_json(rest.substr(0, end), where, kMaxLineBytes), run);
    } catch (const Error& error) {
      fail_within(where, error);
    }
    rest.remove_prefix(end + 1);
  }
  const std::string submission = (fs::path(folder) / "submission.json").string();
  if (fs::exists(submission)) run.submission = read_json_file(submission);
  return run;
}

std::vector<CurvePoint> averaged_loss(const RunCurves& run, size_t most) {
  std::vector<CurvePoint> points;
  const size_t count = run.steps.size(), bins = std::min(count, most);
  for (size_t bin = 0; bin < bins; ++bin) {
    const size_t first = bin * count / bins, end = (bin + 1) * count / bins;
    CurvePoint mean;
    for (size_t i = first; i < end; ++i) {
      mean.step += static_cast<double>(run.steps[i].step);
      mean.tokens += static_cast<double>(run.steps[i].tokens);
      mean.train_ms += run.steps[i].train_ms;
      mean.loss += run.steps[i].train_loss;
    }
    const auto size = static_cast<double>(end - first);
    points.push_back({mean.step / size, mean.tokens / size, mean.train_ms / size, mean.loss / size});
  }
  return points;
}

}  // namespace golf
