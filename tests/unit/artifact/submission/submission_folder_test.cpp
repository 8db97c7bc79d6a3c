// Hostile folders: nothing outside is opened, nothing blocks, what is over a limit is named.
#include "golf/artifact/submission/submission_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "golf/artifact/submission/submission_checks.h"
#include "made_submission.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> ids_in(const std::string& path) {
  const Submission submission = read_submission(path);
  std::vector<std::string> ids;
  for (const Finding& finding : check_submission(submission, KnownData::load()))
    ids.emplace_back(finding.check->id);
  return ids;
}

TEST(SubmissionFolder, DoesNotFollowLinksNorOpenPipes) {
  const test::TempDir folder;
  const std::string path = test::MadeSubmission().write(folder);
  std::ofstream(fs::path(folder.path()) / "secret.log") << "seed:666\nfinal val_bpb:0.1\n";
  fs::create_symlink(fs::path(folder.path()) / "secret.log", fs::path(path) / "train_seed9.log");
  fs::create_symlink("/", fs::path(path) / "root");
  ASSERT_EQ(::mkfifo((path + "/pipe.log").c_str(), 0600), 0);
  EXPECT_EQ(ids_in(path), (std::vector<std::string>{"PG312", "PG312", "PG312"}));
}

TEST(SubmissionFolder, NamesWhatIsOverALimit) {
  const test::TempDir folder;
  const std::string path = test::MadeSubmission().write(folder);
  std::ofstream(path + "/huge.log").close();
  fs::resize_file(path + "/huge.log", limits::kFolderTextBytes + 1);  // a hole: no disk is used
  fs::create_directories(path + "/a/b/c/d/e");
  EXPECT_EQ(ids_in(path), (std::vector<std::string>{"PG313", "PG313", "PG313"}));
}

TEST(SubmissionFolder, ReadsNoMoreScriptsThanTheLimit) {
  const test::TempDir folder;
  test::MadeSubmission made;
  for (uint64_t i = 0; i < limits::kFolderScripts; ++i)
    made.files["more/s" + std::to_string(i) + ".py"] = "x = 1\n";
  EXPECT_EQ(ids_in(made.write(folder)), (std::vector<std::string>{"PG313"}));
}

TEST(SubmissionFolder, ReadsNoMoreTextThanTheLimitOfAll) {
  const test::TempDir folder;
  test::MadeSubmission made;
  made.files["lines.log"] = std::string(limits::kFolderLines - 1'000, '\n');
  made.files["more_lines.log"] = std::string(1'000, '\n');
  EXPECT_EQ(ids_in(made.write(folder)), (std::vector<std::string>{"PG313"}));
  test::MadeSubmission large;
  large.name = "2026-04-01_Large";
  for (const char* name : {"a.txt", "b.txt", "c.txt"}) large.files[name] = std::string(12 << 20, ' ');
  const Submission submission = read_submission(large.write(folder));
  EXPECT_EQ(submission.folder.find("b.txt")->state, FolderFile::State::kRead);
  EXPECT_EQ(submission.folder.find("c.txt")->state, FolderFile::State::kTooLarge);
}

TEST(SubmissionFolder, EscapesControlCharacters) {
  const test::TempDir folder;
  test::MadeSubmission made;
  made.record["val_bpb"] = R"("\u001b[31mred")";
  const Submission submission = read_submission(made.write(folder));
  for (const Finding& finding : check_submission(submission, KnownData::load())) {
    EXPECT_EQ(finding.message.find('\x1b'), std::string::npos) << finding.message;
  }
}

TEST(SubmissionFolder, ReadsAnEmptyOne) {
  const test::TempDir folder;
  EXPECT_EQ(ids_in(folder.path()), (std::vector<std::string>{"PG301", "PG308", "PG309", "PG311"}));
}

TEST(SubmissionFolder, RefusesWhatIsNone) {
  const test::TempDir folder;
  EXPECT_GOLF_ERROR(read_folder(folder.path() + "/absent"), ErrorCode::kInvalidArgument,
                    "cannot open as a folder");
  std::ofstream(folder.path() + "/file").close();
  EXPECT_GOLF_ERROR(read_folder(folder.path() + "/file"), ErrorCode::kInvalidArgument,
                    "cannot open as a folder");
}

}  // namespace
}  // namespace golf
