#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/submission/submission.h"
#include "golf/artifact/text/known_data.h"

namespace golf {

enum class Severity {
  kInfo,     ///< worth knowing
  kWarning,  ///< a reviewer should look at it
  kError,    ///< against a rule of the challenge as it is written
};
std::string_view severity_name(Severity severity);

class CheckReport;
struct CheckContext;

/// A check: one row in a source of submission/checks. `id` and `name` never change their meaning.
struct CheckRow {
  std::string_view id;    ///< "PG101"
  std::string_view name;  ///< "over-cap"
  Severity severity = Severity::kWarning;
  std::string_view meaning;  ///< a sentence: what was found
  std::string_view hint;     ///< a sentence: what to do
  void (*run)(const CheckContext& context, CheckReport& report) = nullptr;
};

/// Sorted by id.
const std::vector<CheckRow>& check_table();

struct Finding {
  const CheckRow* check = nullptr;
  std::string message = {};  ///< one line, control characters escaped
  std::string file = {};     ///< in the folder; empty: the folder itself
  int64_t line = 0;          ///< 0: the whole file
};

/// What a check sees.
struct CheckContext {
  const Submission& submission;
  const KnownData& known;
};

/// Collects what a check finds.
class CheckReport {
 public:
  CheckReport(const CheckRow& check, std::vector<Finding>& findings) : check_(check), findings_(findings) {}
  /// Each check gives at most 50 findings of a folder; further ones are dropped.
  void add(std::string message, std::string file = {}, int64_t line = 0);

 private:
  const CheckRow& check_;
  std::vector<Finding>& findings_;
  int count_ = 0;
};

/// All checks on a submission, in the order of the table.
std::vector<Finding> check_submission(const Submission& submission, const KnownData& known);

}  // namespace golf
