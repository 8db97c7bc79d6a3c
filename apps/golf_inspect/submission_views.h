#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/submission/submission_checks.h"

namespace golf {

/// What is kept of a folder after it was checked.
struct CheckedSubmission {
  std::string path;
  Track track = Track::kUnknown;
  size_t files = 0;
  Json record = {};           ///< what submission.json says, by the fields' own names; null: it says nothing
  Json logs = Json::array();  ///< a summary of each
  std::vector<Finding> findings = {};

  size_t count(Severity severity) const;
};
CheckedSubmission check_folder(const std::string& path, std::optional<Track> track, const KnownData& known);

/// For people: the findings of one folder below its path, or "no finding".
std::string submission_text(const CheckedSubmission& checked, const Style& style);
/// Schema "golf.submission/1".
Json submission_json(const CheckedSubmission& checked);
/// A table for a comment in a pull request. What comes from the folder cannot become markup or a mention.
std::string submission_markdown(const CheckedSubmission& checked);
/// Lines that GitHub Actions shows beside the code: "::error file=…,line=…::…".
std::string submission_github(const CheckedSubmission& checked);
/// SARIF 2.1.0 of all folders together.
Json submissions_sarif(const std::vector<CheckedSubmission>& all);

}  // namespace golf
