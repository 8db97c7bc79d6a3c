#pragma once

#include <string>
#include <vector>

#include "eval/resume_point.h"
#include "golf/adapt/adapt_log.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/score/bpb.h"

namespace golf {

/// What one process has found so far in an adapted evaluation.
struct AdaptAccount {
  std::vector<BpbTotals> before = {};  ///< by chunk, of the model without adaptation
  std::vector<BpbTotals> stages = {};  ///< of the adapted scores and after each post-processor
  AdaptLog log = {};                   ///< of its share; one entry a chunk

  /// Adds what another process found in its share of the same chunks.
  /// @throws Error kMismatch when the two do not belong together
  void merge(const AdaptAccount& other);
  /// Keeps the chunks and updates and forgets what was found in them: the account of a process that takes
  /// part from here on.
  void clear();
  bool operator==(const AdaptAccount&) const = default;
};
Bytes encode(const AdaptAccount& account);
/// @throws Error kCorruptData "what: …"
AdaptAccount decode_adapt_account(ByteView bytes, const std::string& what);

/// Where an adapted evaluation can be taken up again.
struct AdaptResumePoint {
  bool before_done = false;   ///< the pass without adaptation is complete
  int64_t next_chunk = 0;     ///< of the pass that is under way
  AdaptAccount account = {};  ///< of all processes
  TensorSet learner = {};     ///< AdaptLearner::state()
};
inline constexpr const char* kAdaptResumeSchema = "golf.adapt.resume/2";
/// What the file of --resume holds.
EvalResumePoint to_resume_point(const AdaptResumePoint& point);
/// @throws Error kCorruptData "what: …"
AdaptResumePoint to_adapt_resume_point(EvalResumePoint point, const std::string& what);

}  // namespace golf
