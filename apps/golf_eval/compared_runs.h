#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/stats/mean_test.h"
#include "golf/stats/score_sources.h"

namespace golf {

/// One side of the comparison.
struct ComparedSide {
  std::vector<FoundScore> scores;
  ScoreSample sample;
};
/// What the arguments of one side give: numbers, results, logs, folders, or one summary. @throws UsageError
/// when a score lacks the unit, or a summary is not alone
ComparedSide read_side(const std::vector<std::string>& arguments, bool in_nats, const std::string& mode);

/// Bytes a token, from the option or from the scores that have both figures; they must agree.
std::optional<double> bytes_per_token(const std::string& option, const ComparedSide& a,
                                      const ComparedSide& b);

/// A margin such as 0.005nats in the unit of the test, bpb or nats. @throws UsageError when bytes a token are
/// needed and not known
double margin_in_unit(const std::string& text, const std::string& unit_of_test,
                      const std::optional<double>& bytes);

/// The deviation that both sides are taken to have, for planning.
double pooled_deviation(const ScoreSample& a, const ScoreSample& b);

Json sample_json(const ComparedSide& side);
std::string side_text(const std::string& name, const ComparedSide& side, const std::string& unit);

}  // namespace golf
