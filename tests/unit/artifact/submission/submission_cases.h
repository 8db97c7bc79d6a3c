#pragma once

#include <functional>
#include <string>
#include <vector>

#include "made_submission.h"

namespace golf::test {

/// A submission with one thing wrong in it, and the checks that find it: these and no others.
struct Case {
  const char* name;
  std::vector<std::string> ids;  ///< sorted; empty: no finding
  std::function<void(MadeSubmission&)> change;
};

// By the list of checks; what has no finding first.
extern const std::vector<Case> kClean, kSizes, kScores, kFiles, kRuns, kSeeds, kCode, kMarks, kData;

inline void each_log(MadeSubmission& made, const std::function<void(MadeLog&)>& change) {
  for (MadeLog& log : made.logs) change(log);
}
/// The made script is replaced; the size in submission.json follows.
void set_script(MadeSubmission& made, const std::string& script);
/// Base85 of the text, packed.
std::string packed(const char* codec, const std::string& text);
/// Source that no codec makes small.
const std::string& long_source();

}  // namespace golf::test
