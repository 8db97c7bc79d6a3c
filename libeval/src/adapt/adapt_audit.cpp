#include "golf/adapt/adapt_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "adapt/target_set.h"

namespace golf {
namespace {

/// Sums in another order, and JSON, move a float64 that little.
constexpr double kRounding = 1e-9;
/// Float32 can give a certain token a probability that much over 1.
constexpr double kCertain = 1e-5;

bool near(double found, double expected) {
  return std::abs(found - expected) <= kRounding * std::max(1.0, std::abs(expected));
}

/// Goes through the events as they happened.
class Auditor {
 public:
  explicit Auditor(const Receipt& receipt) : receipt_(receipt) {}

  AdaptAudit run() {
    check_distribution();
    for (const Receipt::Event& event : receipt_.events) {
      std::visit([&](const auto& one) { see(one); }, event);
    }
    for (const ScoreSegment& range : receipt_.to_score) check_scored(range);
    check_totals();
    find_scoring_order();
    find_length_order();
    find_count_order();
    find_schedule();
    return std::move(audit_);
  }

 private:
  void violate(AdaptCondition condition, std::string text) {
    if (audit_.counts[static_cast<size_t>(condition)]++ < kMostViolations) {
      audit_.violations.push_back({condition, std::move(text)});
    }
  }
  void find(std::string id, std::string text) { audit_.findings.push_back({std::move(id), std::move(text)}); }

  void check_distribution() {
    if (receipt_.vocab_size < 2) {
      violate(AdaptCondition::kNormalized, fmt::format("a vocabulary of {} tokens", receipt_.vocab_size));
    }
    for (const ReceiptPostProcessor& one : receipt_.post_processors) {
      if (!one.normalized) {
        violate(AdaptCondition::kNormalized,
                fmt::format("post-processor {} hands out no distribution", one.name));
      }
    }
  }

  void see(const ScoreEvent& event) {
    if (event.after_update > updates_) {
      violate(AdaptCondition::kCausal,
              fmt::format("chunk {} was scored after update {}, which was made later", event.chunk,
                          event.after_update));
    } else if (event.after_update < updates_) {
      violate(AdaptCondition::kScoreBeforeUpdate,
              fmt::format("chunk {} names update {} as the last before its scores, but {} was", event.chunk,
                          event.after_update, updates_));
    }
    if (event.chunk < last_scored_chunk_ || event.chunk <= last_learned_chunk_) {
      violate(AdaptCondition::kSinglePass, fmt::format("chunk {} was scored after chunk {}", event.chunk,
                                                       std::max(last_scored_chunk_, last_learned_chunk_)));
    }
    if (event.chunk != last_scored_chunk_) ++audit_.chunks;
    last_scored_chunk_ = std::max(last_scored_chunk_, event.chunk);
    for (const ScoredRange& range : event.ranges) see(event, range);
  }

  void see(const ScoreEvent& event, const ScoredRange& range) {
    const ScoreSegment targets{range.first_target, range.count};
    if (const auto target = seen_.first_in(targets)) {
      violate(AdaptCondition::kCausal,
              fmt::format("target {} was scored in chunk {} by a state that had learned from it", *target,
                          event.chunk));
    }
    if (const auto target = scored_.first_in(targets)) {
      violate(AdaptCondition::kSinglePass,
              fmt::format("target {} was scored again in chunk {}", *target, event.chunk));
    }
    if (!std::isfinite(range.loss_nats) || range.loss_nats < -kCertain * static_cast<double>(range.count)) {
      violate(AdaptCondition::kNormalized,
              fmt::format("targets {} to {} have a loss of {}: no distribution does", range.first_target,
                          range.first_target + range.count - 1, range.loss_nats));
    }
    scored_.add(targets);
    if (seen_.end() > range.first_target) scored_by_later_text_ += range.count;
    note_document(range);
    audit_.totals.tokens += range.count;
    audit_.totals.bytes += range.bytes;
    audit_.totals.loss_nats += range.loss_nats;
  }

  void see(const UpdateEvent& event) {
    if (event.update != updates_ + 1) {
      violate(AdaptCondition::kScoreBeforeUpdate,
              fmt::format("update {} follows update {}: the log is not complete", event.update, updates_));
    }
    updates_ = std::max(updates_, event.update);
    ++audit_.updates;
    if (event.saw.empty()) {
      violate(AdaptCondition::kScoreBeforeUpdate,
              fmt::format("update {} ({}) does not say what it saw", event.update, event.what));
    }
    last_learned_chunk_ = std::max(last_learned_chunk_, event.chunk);
    for (const ScoreSegment& range : event.saw) {
      if (const auto target = scored_.first_missing(range)) {
        violate(AdaptCondition::kScoreBeforeUpdate,
                fmt::format("update {} ({}, after chunk {}) learned from target {} before it was scored",
                            event.update, event.what, event.chunk, *target));
      }
      seen_.add(range);
    }
  }

  void check_scored(const ScoreSegment& range) {
    ScoreSegment rest = range;
    while (rest.count > 0) {
      const auto missing = scored_.first_missing(rest);
      if (!missing) return;
      const int64_t end = range.first_target + range.count;
      const int64_t next = scored_.first_in({*missing, end - *missing}).value_or(end);
      violate(AdaptCondition::kSinglePass,
              fmt::format("targets {} to {} were never scored", *missing, next - 1));
      rest = {next, end - next};
    }
  }

  void check_totals() {
    const auto claim = [&](const char* what, auto claimed, auto found) {
      bool same = false;
      if constexpr (std::is_integral_v<decltype(found)>) {
        same = claimed == found;
      } else {
        same = near(claimed, found);
      }
      if (same) return;
      violate(AdaptCondition::kSinglePass,
              fmt::format("{} is claimed to be {}, the scores give {}", what, claimed, found));
    };
    const BpbTotals& totals = audit_.totals;
    claim("tokens", receipt_.totals.tokens, totals.tokens);
    claim("bytes", receipt_.totals.bytes, totals.bytes);
    claim("loss_nats", receipt_.totals.loss_nats, totals.loss_nats);
    claim("val_loss", receipt_.val_loss, totals.val_loss());
    claim("val_bpb", receipt_.val_bpb, totals.val_bpb());
    claim("chunks", receipt_.chunks, audit_.chunks);
    claim("updates", receipt_.updates, audit_.updates);
    int64_t expected = 0;
    for (const ScoreSegment& range : receipt_.to_score) expected += range.count;
    if (totals.tokens > expected) {
      violate(AdaptCondition::kSinglePass,
              fmt::format("{} tokens were scored of an evaluation of {}", totals.tokens, expected));
    }
  }

  /// Documents in the order in which they were first scored. A document's targets follow its first token.
  void note_document(const ScoredRange& range) {
    const auto& starts = receipt_.documents;
    auto at = std::upper_bound(starts.begin(), starts.end(), range.first_target);
    if (at != starts.begin()) --at;
    for (; at != starts.end() && *at < range.first_target + range.count; ++at) {
      const int64_t document = at - starts.begin();
      if (noted_.size() < starts.size()) noted_.resize(starts.size());
      if (noted_[static_cast<size_t>(document)]) continue;
      noted_[static_cast<size_t>(document)] = true;
      const int64_t end = at + 1 == starts.end() ? receipt_.targets + 1 : *(at + 1);
      order_.push_back({document, end - *at});
    }
  }

  struct Visited {
    int64_t number, length;
  };

  bool in_stream_order() const {
    return std::is_sorted(order_.begin(), order_.end(),
                          [](const auto& a, const auto& b) { return a.number < b.number; }) &&
           scored_by_later_text_ == 0;
  }

  void find_scoring_order() {
    if (in_stream_order()) return;
    find(
        "scoring-order",
        fmt::format("scores do not follow the order of the text: {} of {} tokens were scored by a state that "
                    "had learned from text that comes later",
                    scored_by_later_text_, audit_.totals.tokens));
  }

  /// How often all documents so far are at least as long as all that follow.
  static int64_t breaks(const std::vector<Visited>& order) {
    std::vector<int64_t> longest_after(order.size() + 1, 0);
    for (size_t i = order.size(); i-- > 0;) {
      longest_after[i] = std::max(longest_after[i + 1], order[i].length);
    }
    int64_t found = 0, shortest = order.empty() ? 0 : order.front().length;
    for (size_t i = 0; i + 1 < order.size(); ++i) {
      shortest = std::min(shortest, order[i].length);
      found += shortest >= longest_after[i + 1] ? 1 : 0;
    }
    return found;
  }

  /// Batches of documents sorted by length: two places or more where the lengths part, which chance hardly
  /// makes.
  void find_length_order() {
    if (in_stream_order()) return;
    const bool longest_first = breaks(order_) >= 2;
    if (!longest_first && breaks({order_.rbegin(), order_.rend()}) < 2) return;
    find(
        "length-order",
        fmt::format("documents are scored by length, the {} first: their lengths are known before their text "
                    "is",
                    longest_first ? "longest" : "shortest"));
  }

  void find_count_order() {
    if (in_stream_order()) return;
    for (const ReceiptPostProcessor& one : receipt_.post_processors) {
      if (!one.counts_in_stream_order) continue;
      find("count-order",
           fmt::format("{} counts tokens in the order of the text and scores follow another: a "
                       "token is scored with counts of text that is not scored yet",
                       one.name));
    }
  }

  void find_schedule() {
    const Json* sgd = receipt_.adapt.is_object() ? receipt_.adapt.find("sgd") : nullptr;
    if (sgd == nullptr || audit_.updates == 0) return;
    find("schedule",
         "the learning rate falls over the number of chunks: the length of the text is known beforehand");
  }

  const Receipt& receipt_;
  AdaptAudit audit_;
  TargetSet scored_, seen_;
  int64_t updates_ = 0, last_scored_chunk_ = -1, last_learned_chunk_ = -1;
  int64_t scored_by_later_text_ = 0;
  std::vector<bool> noted_;
  std::vector<Visited> order_;
};

constexpr std::array<AdaptConditionRow, 4> kConditions = {{
    {AdaptCondition::kCausal, "causal", "no token was scored by a state that had seen it"},
    {AdaptCondition::kNormalized, "normalized",
     "every score is a loss under a distribution over the whole vocabulary"},
    {AdaptCondition::kScoreBeforeUpdate, "score-before-update",
     "every update learned from tokens that were scored before it"},
    {AdaptCondition::kSinglePass, "single-pass",
     "every token was scored once, and the totals are the sums of the scores"},
}};

}  // namespace

std::span<const AdaptConditionRow> adapt_conditions() { return kConditions; }

bool AdaptAudit::passed() const { return std::accumulate(counts.begin(), counts.end(), int64_t{0}) == 0; }

AdaptAudit audit_adaptation(const Receipt& receipt) { return Auditor(receipt).run(); }

std::string broken_conditions(const AdaptAudit& audit) {
  std::string ids;
  for (const AdaptConditionRow& row : kConditions) {
    if (audit.counts[static_cast<size_t>(row.condition)] == 0) continue;
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", row.id);
  }
  return ids;
}

Json to_json(const AdaptAudit& audit) {
  Json checks = Json::array(), findings = Json::array();
  for (const AdaptConditionRow& row : kConditions) {
    const int64_t count = audit.counts[static_cast<size_t>(row.condition)];
    Json violations = Json::array();
    for (const AdaptViolation& one : audit.violations) {
      if (one.condition == row.condition) violations.push_back(one.text);
    }
    checks.push_back(Json::object({{"id", row.id},
                                   {"meaning", row.meaning},
                                   {"passed", count == 0},
                                   {"violations", count},
                                   {"examples", std::move(violations)}}));
  }
  for (const AdaptFinding& one : audit.findings) {
    findings.push_back(Json::object({{"id", one.id}, {"text", one.text}}));
  }
  return Json::object({{"passed", audit.passed()},
                       {"checks", std::move(checks)},
                       {"findings", std::move(findings)},
                       {"tokens", audit.totals.tokens},
                       {"bytes", audit.totals.bytes},
                       {"val_loss", audit.totals.val_loss()},
                       {"val_bpb", audit.totals.val_bpb()},
                       {"chunks", audit.chunks},
                       {"updates", audit.updates}});
}

}  // namespace golf
