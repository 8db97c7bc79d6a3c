#pragma once

#include <string>
#include <vector>

#include "golf/artifact/report/run_curves.h"

namespace golf {

enum class RunAxis { kSteps, kTokens, kTime };
enum class LossUnit { kAuto, kNats, kBpb };

/// How the losses of runs are drawn and written.
struct LossOptions {
  LossUnit unit = LossUnit::kAuto;  ///< kAuto: bits per byte where every run has validated, else nats a token
  RunAxis axis = RunAxis::kSteps;
  bool log_x = false, log_y = false;
  int64_t smooth = -1;   ///< steps that the line is the mean over; -1: a fiftieth of the run's steps
  bool average = false;  ///< runs that differ in their seed alone become one line
  bool figure = false;   ///< CurvesPicture::figure
};

struct LossPoint {
  double step = 0, tokens = 0, train_ms = 0;
  double loss = 0;           ///< as recorded; of several runs their mean
  double smooth = 0;         ///< the mean over the steps around it
  double low = 0, high = 0;  ///< the lowest and highest of several runs, smoothed
};

/// What becomes one line: a run, or the mean of several.
struct LossSeries {
  std::string label = {};
  size_t runs = 1;
  int64_t smooth = 0;  ///< steps that were averaged; below 2: none
  std::vector<LossPoint> training = {};
  std::vector<LossPoint> validation = {};
};

struct LossCurves {
  LossUnit unit = LossUnit::kNats;
  std::vector<LossSeries> series = {};
};

/// @throws UsageError when bits per byte are asked for and a run has no validation, which the bytes of a
/// token come from
LossCurves loss_curves(const std::vector<RunCurves>& runs, const LossOptions& options);
/// A header and a row for each recorded step and validation.
std::string loss_csv(const LossCurves& curves);
std::string loss_svg(const LossCurves& curves, const std::string& title, const LossOptions& options);

}  // namespace golf
