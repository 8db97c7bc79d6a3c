#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/budget/budget.h"
#include "golf_pack/external_eval.h"

namespace golf {

/// What one level of the free steps gives.
struct SweepPoint {
  double level = 0.0;
  uint64_t artifact_bytes = 0;
  double bits_per_weight = 0.0;              ///< of the whole artifact
  double relative_error = 0.0;               ///< Quantizer::relative_error()
  std::optional<double> predicted_gap = {};  ///< bits per byte
  std::optional<double> bpb = {};            ///< measured

  /// 10 · log10 of the relative error; -200 stands for none.
  double error_decibels() const;
};

/// One checkpoint at several levels, the finest first.
struct Sweep {
  std::string checkpoint = {};
  std::string recipe = {};
  std::string codec = {};
  BudgetReport budget = {};  ///< without an artifact
  std::optional<Evaluation> unquantised = {};
  std::vector<SweepPoint> points = {};

  uint64_t total_bytes(const SweepPoint& point) const { return point.artifact_bytes + budget.code_bytes(); }
  /// What quantising to this point costs in bits per byte; nothing where that was not measured.
  std::optional<double> gap(const SweepPoint& point) const;
  bool has_predictions() const;
};

}  // namespace golf
