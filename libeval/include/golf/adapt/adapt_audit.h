#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/adapt/receipt.h"
#include "golf/artifact/base/json.h"

namespace golf {

/// The four conditions that openai/parameter-golf#1017 sets a valid evaluation, as far as a log can tell.
enum class AdaptCondition {
  kCausal,             ///< 1: no score comes from a state that had seen its token
  kNormalized,         ///< 2: every score is a loss under a distribution over the whole vocabulary
  kScoreBeforeUpdate,  ///< 3: updates see scored tokens only, and scores name the update before them
  kSinglePass,         ///< 4: every token once, and the totals are the sums of the scores
};
struct AdaptConditionRow {
  AdaptCondition condition;
  std::string_view id;       ///< "causal", …
  std::string_view meaning;  ///< what a pass proves
};
std::span<const AdaptConditionRow> adapt_conditions();

/// What contradicts a condition, and where.
struct AdaptViolation {
  AdaptCondition condition;
  std::string text;  ///< one line
};

/// A fact that judges may weigh, and no condition forbids.
struct AdaptFinding {
  std::string id;    ///< "scoring-order", "length-order", "count-order", "schedule"
  std::string text;  ///< one line
};

struct AdaptAudit {
  std::vector<AdaptViolation> violations = {};  ///< at most kMostViolations of each condition
  std::vector<int64_t> counts = {0, 0, 0, 0};   ///< violations of each condition, all of them
  std::vector<AdaptFinding> findings = {};
  BpbTotals totals = {};  ///< summed up again
  int64_t chunks = 0, updates = 0;

  bool passed() const;
};
inline constexpr int64_t kMostViolations = 20;

/// Proves the order of an adapted evaluation from its log alone, or says where it breaks. It takes the worst
/// case: whatever an update saw may be in every later score. Memory follows the log.
AdaptAudit audit_adaptation(const Receipt& receipt);
Json to_json(const AdaptAudit& audit);
/// "causal, single-pass": the conditions that are violated; empty when it passed.
std::string broken_conditions(const AdaptAudit& audit);

}  // namespace golf
