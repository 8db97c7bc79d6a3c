// A folder for each check: what is wrong in it is found, and nothing else.
#include "golf/artifact/submission/submission_checks.h"

#include <gtest/gtest.h>

#include <set>

#include "submission_cases.h"

namespace golf {
namespace {

using namespace test;

class SubmissionChecks : public testing::TestWithParam<const Case*> {};

TEST_P(SubmissionChecks, FindWhatIsWrongAndNothingElse) {
  MadeSubmission made;
  GetParam()->change(made);
  EXPECT_EQ(found_ids(made), GetParam()->ids);
}

std::vector<const Case*> pointers(const std::vector<Case>& cases) {
  std::vector<const Case*> all;
  for (const Case& one : cases) all.push_back(&one);
  return all;
}

std::string name_of(const testing::TestParamInfo<const Case*>& info) { return info.param->name; }

INSTANTIATE_TEST_SUITE_P(Clean, SubmissionChecks, testing::ValuesIn(pointers(kClean)), name_of);
INSTANTIATE_TEST_SUITE_P(Sizes, SubmissionChecks, testing::ValuesIn(pointers(kSizes)), name_of);
INSTANTIATE_TEST_SUITE_P(Scores, SubmissionChecks, testing::ValuesIn(pointers(kScores)), name_of);
INSTANTIATE_TEST_SUITE_P(Files, SubmissionChecks, testing::ValuesIn(pointers(kFiles)), name_of);
INSTANTIATE_TEST_SUITE_P(Runs, SubmissionChecks, testing::ValuesIn(pointers(kRuns)), name_of);
INSTANTIATE_TEST_SUITE_P(Seeds, SubmissionChecks, testing::ValuesIn(pointers(kSeeds)), name_of);
INSTANTIATE_TEST_SUITE_P(Code, SubmissionChecks, testing::ValuesIn(pointers(kCode)), name_of);
INSTANTIATE_TEST_SUITE_P(Marks, SubmissionChecks, testing::ValuesIn(pointers(kMarks)), name_of);
INSTANTIATE_TEST_SUITE_P(Data, SubmissionChecks, testing::ValuesIn(pointers(kData)), name_of);

TEST(SubmissionChecks, EachHasACaseAndAnIdOfItsOwn) {
  std::set<std::string> tried = {"PG312", "PG313"};  // submission_folder_test.cpp
  for (const auto* cases : {&kSizes, &kScores, &kFiles, &kRuns, &kSeeds, &kCode, &kMarks, &kData}) {
    for (const Case& one : *cases) tried.insert(one.ids.begin(), one.ids.end());
  }
  std::set<std::string> ids, names;
  for (const CheckRow& check : check_table()) {
    EXPECT_TRUE(ids.emplace(check.id).second) << check.id;
    EXPECT_TRUE(names.emplace(check.name).second) << check.name;
    EXPECT_TRUE(tried.contains(std::string(check.id))) << check.id << " has no case";
  }
}

TEST(SubmissionChecks, NameTheMebibyteCase) {
  MadeSubmission made;
  made.logs[2].model_bytes = 16'700'000;
  const TempDir folder;
  const Submission read = read_submission(made.write(folder));
  const std::vector<Finding> findings = check_submission(read, KnownData::load());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].message.find("under 16 MiB"), std::string::npos) << findings[0].message;
  EXPECT_EQ(findings[0].file, "train_seed3.log");
  EXPECT_GT(findings[0].line, 10);
}

}  // namespace
}  // namespace golf
