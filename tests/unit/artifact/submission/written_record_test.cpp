#include "golf/artifact/submission/written_record.h"

#include <gtest/gtest.h>

#include "made_submission.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(WrittenRecord, HasNoFinding) {
  test::MadeSubmission made;
  const test::TempDir folder;
  const Json record = record_from_logs(read_submission(made.write(folder)));
  EXPECT_EQ(record.at("author").as_string(), "somebody");
  EXPECT_EQ(record.at("seeds").as_array().size(), 3U);
  EXPECT_NEAR(record.at("val_bpb").as_double(), made.logs[1].bits(), 1e-8);
  EXPECT_EQ(record.at("bytes_code").as_int(), static_cast<int64_t>(made.script.size()));
  made.files["submission.json"] = record.dump(2) + "\n";
  EXPECT_TRUE(test::found_ids(made).empty());
}

TEST(WrittenRecord, SaysNullOfWhatNobodySays) {
  test::MadeSubmission made;
  made.removed = {"submission.json"};
  const test::TempDir folder;
  const Json record = record_from_logs(read_submission(made.write(folder)));
  EXPECT_TRUE(record.at("github_id").is_null());
  EXPECT_EQ(record.find("blurb"), nullptr);
}

TEST(WrittenRecord, NeedsAResult) {
  test::MadeSubmission made;
  made.logs.clear();
  const test::TempDir folder;
  const Submission submission = read_submission(made.write(folder));
  EXPECT_GOLF_ERROR(record_from_logs(submission), ErrorCode::kInvalidArgument, "add the logs");
}

}  // namespace
}  // namespace golf
