#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/submission/submission_folder.h"
#include "golf/artifact/submission/submission_log.h"
#include "golf/artifact/submission/submission_record.h"
#include "golf/artifact/submission/submission_script.h"

namespace golf {

/// Upstream's two folders of submissions. Some rules hold for the first alone.
enum class Track { kUnknown, kRecord, kNonRecord };
std::string_view track_name(Track track);

/// Everything that is read of a submission's folder.
struct Submission {
  Folder folder;
  Track track = Track::kUnknown;
  std::unique_ptr<SubmissionRecord> record = {};  ///< null: there is no submission*.json
  std::vector<SubmissionLog> logs = {};           ///< of runs, sorted by file name
  std::vector<SubmissionScript> scripts = {};     ///< all .py files, sorted by name
  const SubmissionScript* main = nullptr;         ///< what is run; null: no script
  /// Scripts that the main one reaches by importing or running them, itself first.
  std::vector<const SubmissionScript*> reached = {};

  /// Logs whose names differ in nothing but the seed, two or more of them, in groups.
  std::vector<std::vector<const SubmissionLog*>> seed_groups() const;
};

/// The seed that a file name gives: 1337 of "train_seed1337.log".
std::optional<int64_t> seed_in_name(std::string_view file);

/// Reads a folder. What is wrong in it is for the checks to say. Nothing in it is run.
/// @param track  nothing: as the path and submission.json say
/// @throws Error kInvalidArgument when the path is no folder
Submission read_submission(const std::string& path, std::optional<Track> track = {});

}  // namespace golf
