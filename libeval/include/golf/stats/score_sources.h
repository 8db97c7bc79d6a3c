#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/stats/mean_test.h"

namespace golf {

/// The score of one run, and where it was read.
struct FoundScore {
  std::string source;                ///< "eval.json", "train_seed42.log:1234", "1.0611"
  std::optional<double> loss = {};   ///< nats a token
  std::optional<double> bpb = {};    ///< bits a byte
  std::optional<int64_t> seed = {};  ///< where the source says it
};

/// What one argument stands for: scores of runs, or what runs came to.
struct ScoreSource {
  std::vector<FoundScore> scores = {};
  std::optional<ScoreSample> summary = {};  ///< of "MEAN:DEVIATION:COUNT"; then there are no scores
};

/// Reads an argument: a number (bits a byte, or nats with `numbers_are_nats`), "MEAN:DEVIATION:COUNT", a file
/// or a submission's folder. A JSON file is a result of golf-eval, golf-eval audit or golf-train, or a
/// submission.json, of which the seeds count where it has them, else its own score. Any other file is a log
/// of a run. Of a folder the logs count, one score each, else its submission.json. Nothing in it is run.
/// @param mode  of a golf-eval result with several: "standard", "sliding", …; empty: it must have one
/// @throws Error naming the file: kInvalidArgument when it is none of these, or holds no score
ScoreSource read_score_source(const std::string& argument, bool numbers_are_nats, const std::string& mode);

}  // namespace golf
