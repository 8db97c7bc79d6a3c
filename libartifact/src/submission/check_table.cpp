#include <algorithm>
#include <array>

#include "golf/artifact/base/text.h"
#include "golf/artifact/submission/submission_checks.h"

namespace golf {

// The lists of checks, each in its own source in checks/. To add a check: a row in one of them. To add a
// list: a source there, its function declared here, and its name in check_table().
std::span<const CheckRow> size_checks();
std::span<const CheckRow> score_checks();
std::span<const CheckRow> file_checks();
std::span<const CheckRow> run_checks();
std::span<const CheckRow> seed_checks();
std::span<const CheckRow> code_checks();
std::span<const CheckRow> evaluation_checks();
std::span<const CheckRow> data_checks();

namespace {
constexpr int kMostFindings = 50;
constexpr size_t kMostMessage = 600;
}  // namespace

std::string_view severity_name(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "error"};
  return kNames[static_cast<size_t>(severity)];
}

const std::vector<CheckRow>& check_table() {
  static const std::vector<CheckRow> table = [] {
    std::vector<CheckRow> rows;
    for (const auto list : {size_checks(), score_checks(), file_checks(), run_checks(), seed_checks(),
                            code_checks(), evaluation_checks(), data_checks()}) {
      rows.insert(rows.end(), list.begin(), list.end());
    }
    std::sort(rows.begin(), rows.end(), [](const CheckRow& a, const CheckRow& b) { return a.id < b.id; });
    return rows;
  }();
  return table;
}

void CheckReport::add(std::string message, std::string file, int64_t line) {
  if (++count_ > kMostFindings) return;
  findings_.push_back({&check_, printable(message, kMostMessage), std::move(file), line});
}

std::vector<Finding> check_submission(const Submission& submission, const KnownData& known) {
  std::vector<Finding> findings;
  const CheckContext context{submission, known};
  for (const CheckRow& check : check_table()) {
    CheckReport report(check, findings);
    check.run(context, report);
  }
  return findings;
}

}  // namespace golf
