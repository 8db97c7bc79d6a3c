#pragma once

#include "golf/artifact/base/json.h"
#include "golf/artifact/submission/submission.h"

namespace golf {

/// A submission.json made from the logs: means of the seeds, the largest total, each seed's own figures.
/// Author, name, date and the like are taken from the submission.json that is there; what nobody says is
/// null. The seeds are the logs that differ in the seed by name, the largest such group; else all logs with a
/// result.
/// @throws Error kInvalidArgument when no log has the score of a packed model
Json record_from_logs(const Submission& submission);

}  // namespace golf
