// docs/SUBMISSION-CHECKS.md lists every check as the table has it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/submission/submission_checks.h"
#include "support/reference_data.h"

namespace golf {
namespace {

TEST(SubmissionDocs, ListEveryCheck) {
  const Bytes bytes = read_file(test::source_file("docs/SUBMISSION-CHECKS.md"));
  std::string missing;
  for (const CheckRow& check : check_table()) {
    const std::string row = fmt::format("| {} | {} | {} | {} {} |\n", check.id, check.name,
                                        severity_name(check.severity), check.meaning, check.hint);
    if (as_text(bytes).find(row) == std::string_view::npos) missing += row;
  }
  EXPECT_TRUE(missing.empty()) << "docs/SUBMISSION-CHECKS.md should say:\n" << missing;
}

}  // namespace
}  // namespace golf
