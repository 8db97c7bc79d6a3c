#include "golf_inspect/loss_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/run_main.h"
#include "draw/pictures.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

constexpr int64_t kSmoothShare = 50;  ///< of a run's steps: the default
constexpr double kMinute = 60e3, kHour = 3600e3;

/// The mean over `steps` points around each. Near the start, where losses fall steeply, over a quarter of the
/// points so far on either side; at the end over those before.
void smooth(std::vector<LossPoint>& points, int64_t steps) {
  std::vector<double> sums = {0};
  for (const LossPoint& point : points) sums.push_back(sums.back() + point.loss);
  const size_t half = static_cast<size_t>(std::max<int64_t>(steps, 1) / 2);
  for (size_t i = 0; i < points.size(); ++i) {
    const size_t before = std::min(half, i / 4);
    const size_t first = i - before, end = std::min(points.size(), i + before + 1);
    points[i].smooth = (sums[end] - sums[first]) / static_cast<double>(end - first);
    points[i].low = points[i].high = points[i].smooth;
  }
}

LossSeries series_of(const RunCurves& run, const std::string& label, double factor, int64_t smooth_steps) {
  LossSeries series{.label = label};
  const auto recorded = static_cast<int64_t>(run.steps.size());
  series.smooth = smooth_steps >= 0 ? smooth_steps : recorded / kSmoothShare;
  const auto add = [&](std::vector<LossPoint>& points, int64_t step, const StepPoint& at, double loss) {
    points.push_back({.step = static_cast<double>(step),
                      .tokens = static_cast<double>(at.tokens),
                      .train_ms = at.train_ms,
                      .loss = factor * loss});
  };
  for (const StepPoint& point : run.steps) add(series.training, point.step, point, point.train_loss);
  for (const ValidationPoint& point : run.validations) {
    add(series.validation, point.step, run.step_at(point.step), point.val_loss);
  }
  smooth(series.training, series.smooth);
  smooth(series.validation, 0);
  return series;
}

/// Point by point at the steps that all have.
std::vector<LossPoint> mean_points(const std::vector<const std::vector<LossPoint>*>& all) {
  std::map<double, std::vector<const LossPoint*>> by_step;
  for (const std::vector<LossPoint>* points : all) {
    for (const LossPoint& point : *points) by_step[point.step].push_back(&point);
  }
  std::vector<LossPoint> means;
  for (const auto& [step, points] : by_step) {
    if (points.size() != all.size()) continue;
    LossPoint mean{.step = step, .low = points[0]->smooth, .high = points[0]->smooth};
    const auto count = static_cast<double>(points.size());
    for (const LossPoint* point : points) {
      mean.tokens += point->tokens / count;
      mean.train_ms += point->train_ms / count;
      mean.loss += point->loss / count;
      mean.smooth += point->smooth / count;
      mean.low = std::min(mean.low, point->smooth);
      mean.high = std::max(mean.high, point->smooth);
    }
    means.push_back(mean);
  }
  return means;
}

/// Series whose runs have the same settings, in the order of their first runs.
std::vector<LossSeries> average(const std::vector<RunCurves>& runs, const std::vector<LossSeries>& series) {
  std::vector<LossSeries> averages;
  std::vector<bool> done(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    if (done[i]) continue;
    std::vector<const std::vector<LossPoint>*> training, validation;
    for (size_t j = i; j < runs.size(); ++j) {
      if (runs[j].settings != runs[i].settings) continue;
      done[j] = true;
      training.push_back(&series[j].training);
      validation.push_back(&series[j].validation);
    }
    LossSeries mean{.label = training.size() == 1 ? series[i].label : runs[i].name,
                    .runs = training.size(),
                    .smooth = series[i].smooth,
                    .training = mean_points(training),
                    .validation = mean_points(validation)};
    averages.push_back(std::move(mean));
  }
  return averages;
}

/// At most `most` points, each the mean of its neighbors.
std::vector<LossPoint> thinned(const std::vector<LossPoint>& points, size_t most) {
  std::vector<LossPoint> thin;
  const size_t bins = std::min(points.size(), most);
  for (size_t bin = 0; bin < bins; ++bin) {
    const size_t first = bin * points.size() / bins, end = (bin + 1) * points.size() / bins;
    LossPoint mean;
    const auto count = static_cast<double>(end - first);
    for (size_t i = first; i < end; ++i) {
      for (double LossPoint::*member :
           {&LossPoint::step, &LossPoint::tokens, &LossPoint::train_ms, &LossPoint::loss, &LossPoint::smooth,
            &LossPoint::low, &LossPoint::high}) {
        mean.*member += points[i].*member / count;
      }
    }
    thin.push_back(mean);
  }
  return thin;
}

const char* unit_name(LossUnit unit) { return unit == LossUnit::kBpb ? "bpb" : "nats"; }

/// What stands on the horizontal axis, and in how many of it a point lies.
struct Scale {
  std::string title;
  double LossPoint::*member = &LossPoint::step;
  double unit = 1;

  double of(const LossPoint& point) const { return point.*member / unit; }
};

Scale scale_of(const LossCurves& curves, RunAxis axis) {
  if (axis == RunAxis::kSteps) return {"step"};
  if (axis == RunAxis::kTokens) return {"training tokens", &LossPoint::tokens};
  double longest = 0;
  for (const LossSeries& series : curves.series) {
    for (const LossPoint& point : series.training) longest = std::max(longest, point.train_ms);
  }
  if (longest >= 3 * kHour) return {"training time, hours", &LossPoint::train_ms, kHour};
  if (longest >= 3 * kMinute) return {"training time, minutes", &LossPoint::train_ms, kMinute};
  return {"training time, seconds", &LossPoint::train_ms, 1e3};
}

Curve curve_of(const LossSeries& series, const Scale& scale, LossUnit unit) {
  const std::string label = printable(series.label);
  Curve curve{.name = label, .label = label};
  if (series.runs > 1) curve.detail = fmt::format(": mean of {} runs", series.runs);
  if (!series.validation.empty()) {
    curve.detail +=
        fmt::format("{} validation {:.4f}", curve.detail.empty() ? ":" : ",", series.validation.back().loss);
  }
  for (const LossPoint& point : thinned(series.training, kCurveColumns)) {
    const double x = scale.of(point);
    curve.line.push_back({x, point.smooth});
    if (series.runs > 1) {
      curve.band.push_back({x, point.low, point.high});
    } else if (series.smooth > 1) {
      curve.raw.push_back({x, point.loss});
    }
  }
  for (const LossPoint& point : series.validation) {
    curve.dots.push_back({{scale.of(point), point.loss},
                          fmt::format("{}, step {:.0f}: validation {:.4f} {}", label, point.step, point.loss,
                                      unit_name(unit))});
  }
  return curve;
}

/// A field of RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

LossCurves loss_curves(const std::vector<RunCurves>& runs, const LossOptions& options) {
  const auto unvalidated =
      std::find_if(runs.begin(), runs.end(), [](const RunCurves& run) { return !run.bpb_per_nat(); });
  LossCurves curves{.unit = options.unit};
  if (curves.unit == LossUnit::kAuto) {
    curves.unit = unvalidated == runs.end() ? LossUnit::kBpb : LossUnit::kNats;
  }
  if (curves.unit == LossUnit::kBpb && unvalidated != runs.end()) {
    throw UsageError(
        fmt::format("--unit: {} has no validation, which says how many bytes a token has: use --unit nats",
                    printable(unvalidated->path)));
  }
  const std::vector<std::string> labels = short_labels(runs);
  for (size_t i = 0; i < runs.size(); ++i) {
    const double factor = curves.unit == LossUnit::kBpb ? *runs[i].bpb_per_nat() : 1.0;
    curves.series.push_back(series_of(runs[i], labels[i], factor, options.smooth));
  }
  if (options.average) curves.series = average(runs, curves.series);
  return curves;
}

std::string loss_csv(const LossCurves& curves) {
  std::string text =
      fmt::format("run,runs,kind,step,tokens,train_ms,{},smoothed,lowest,highest\n", unit_name(curves.unit));
  for (const LossSeries& series : curves.series) {
    const std::string label = csv_field(printable(series.label));
    const auto add = [&](const char* kind, const std::vector<LossPoint>& points) {
      for (const LossPoint& point : points) {
        text += fmt::format("{},{},{},{:.0f},{:.0f},{:.0f},{:.6f},{:.6f},{:.6f},{:.6f}\n", label, series.runs,
                            kind, point.step, point.tokens, point.train_ms, point.loss, point.smooth,
                            point.low, point.high);
      }
    };
    add("training", series.training);
    add("validation", series.validation);
  }
  return text;
}

std::string loss_svg(const LossCurves& curves, const std::string& title, const LossOptions& options) {
  const Scale scale = scale_of(curves, options.axis);
  CurvesPicture picture{
      .title = title,
      .x_title = scale.title,
      .y_title = curves.unit == LossUnit::kBpb ? "loss, bits per byte" : "loss, nats a token",
      .log_x = options.log_x,
      .log_y = options.log_y,
      .figure = options.figure};
  for (const LossSeries& series : curves.series) {
    picture.curves.push_back(curve_of(series, scale, curves.unit));
  }
  return curves_svg(picture);
}

}  // namespace golf
