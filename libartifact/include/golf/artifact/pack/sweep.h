#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/pack/pack.h"

namespace golf {

/// Which global step scales a sweep tries: from the first to the last in equal ratios.
struct SweepRange {
  double min_step = 0.0625;
  double max_step = 1.0;
  int64_t num_points = 9;

  double step_scale(int64_t point) const;
};

/// One artifact of a sweep.
struct SweepPoint {
  double step_scale = 0.0;  ///< the global one, of all tunable steps
  uint64_t artifact_bytes = 0;
  double bits_per_weight = 0.0;                  ///< of the whole artifact
  double nmse = 0.0;                             ///< Quantizer::nmse()
  std::optional<double> predicted_gap_bpb = {};  ///< when the calibration can tell
  std::optional<double> bpb = {};                ///< measured

  /// 10 · log10 of the NMSE; -200 stands for no error.
  double nmse_decibels() const;
};

/// One checkpoint packed with several step scales, the finest first.
struct Sweep {
  std::string recipe = {};
  std::string codec = {};
  BudgetReport budget = {};                    ///< without an artifact
  std::optional<double> unquantized_bpb = {};  ///< measured
  int64_t tokens = 0;                          ///< that were scored to measure
  std::vector<SweepPoint> points = {};

  uint64_t total_bytes(const SweepPoint& point) const { return point.artifact_bytes + budget.code_bytes(); }
  /// The measured quantization gap; nothing where it was not measured.
  std::optional<double> gap_bpb(const SweepPoint& point) const;
  bool has_predictions() const;
};

/// Bits per byte that an artifact reaches.
using MeasureBpb = std::function<double(ByteView artifact)>;

/// Packs a checkpoint once for each step scale of the range. The request's target and `verify` are not used.
/// @param measure  called with each artifact when it is given
/// @throws Error as pack() does; kInvalidArgument: no steps are tunable
Sweep sweep(const LoadedModel& model, const PackRequest& request, const SweepRange& range,
            const MeasureBpb& measure = {});

}  // namespace golf
