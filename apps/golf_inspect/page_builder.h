#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/budget/budget.h"
#include "golf/artifact/report/file_report.h"
#include "golf/artifact/report/run_curves.h"

namespace golf {

/// Gathers what golf-inspect --html shows: files, what differs between the two models among them, runs.
class PageBuilder {
 public:
  void add_file(FileReport report, const std::optional<BudgetReport>& budget);
  void add_run(RunCurves run) { runs_.push_back(std::move(run)); }
  std::string html() const;

 private:
  std::vector<std::string> names_;
  std::string text_;  ///< for readers without JavaScript
  Json files_ = Json::array();
  std::vector<FileReport> models_;  ///< without what they store
  std::vector<RunCurves> runs_;
};

/// How often each integer of each tensor occurs, from "low" on, and the tensor's order-0 bits. Tensors that
/// are no integers have no counts.
Json integers_json(const StoredModel& model);

}  // namespace golf
