#pragma once

#include <optional>
#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/report/breakdown.h"
#include "golf/artifact/report/file_report.h"
#include "golf/artifact/spec/model_config.h"

namespace golf {

/// A file for people: size against the budget (artifacts), what it is, the breakdown.
std::string summary_text(const FileReport& report, const std::optional<BudgetReport>& budget,
                         const RowSelection& selection, const Style& style);

/// Sizes of two files row by row: schema "golf.inspect-diff/1".
Json diff_json(const FileReport& before, const FileReport& after, const RowSelection& selection);

/// What a model of this configuration will be, before any training: parameters by group and, for each
/// built-in recipe, the bytes it would store before the codec (an upper bound for --codec store).
std::string model_text(const std::string& name, const ModelSpec& spec, int threads, const Style& style);
/// Schema "golf.model/1"; lists every tensor.
Json model_json(const std::string& name, const ModelSpec& spec, int threads);

}  // namespace golf
