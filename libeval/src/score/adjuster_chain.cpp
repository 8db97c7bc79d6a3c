#include "golf/score/adjuster_chain.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/score/exact_cache.h"
#include "golf/score/ngram_adjuster.h"
#include "golf/score/paid_prefix_adjuster.h"

namespace golf {
namespace {

/// The model hands out a softmax.
constexpr std::string_view kModelRuleStatus = "normalised";

/// What rules the score out, of every adjuster in turn; otherwise what holds for all.
std::string rule_status(std::span<const std::unique_ptr<ScoreAdjuster>> adjusters) {
  std::string status;
  for (const auto& adjuster : adjusters) {
    const AdjusterRow& row = adjuster_row(adjuster->kind());
    if (!row.normalized) status += fmt::format("{}{}", status.empty() ? "" : "; ", row.rule_status);
  }
  return status.empty() ? std::string(kModelRuleStatus) : status;
}

}  // namespace

void check(const Adjustments& adjustments, const WindowPlan& plan) {
  if (const auto& hashed = adjustments.ngram_hashed) {
    validate(*hashed);
    if (hashed->shards > plan.size()) {
      fail(ErrorCode::kInvalidArgument, fmt::format("n-gram cache: {} shards of {} windows: need 1 to {}",
                                                    hashed->shards, plan.size(), plan.size()));
    }
  }
  if (const auto& exact = adjustments.ngram_exact) {
    validate(*exact);
    if (const int64_t repeated = plan.coverage().repeated; repeated > 0) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("exact n-gram cache: {} targets would be scored again after the cache has learned "
                       "them: use a window policy that scores each target once",
                       repeated));
    }
  }
}

Json to_json(const ScoreStage& stage) {
  Json json = Json::object({{"scores", stage.name},
                            {"val_loss", stage.val_loss},
                            {"val_bpb", stage.val_bpb},
                            {"rule_status", stage.rule_status}});
  if (!stage.facts.is_null()) json["adjuster"] = stage.facts;
  if (stage.normalization) json["normalisation"] = to_json(*stage.normalization);
  return json;
}

AdjusterChain::AdjusterChain(const Adjustments& adjustments, const TextView& text, const WindowPlan& plan,
                             int64_t vocab_size)
    : text_(text) {
  check(adjustments, plan);
  const std::span<const uint16_t> stream = text.tokens;
  if (adjustments.ngram_hashed) {
    adjusters_.push_back(
        std::make_unique<HashedNgramAdjuster>(*adjustments.ngram_hashed, stream, plan.size(), vocab_size));
  }
  if (adjustments.ngram_exact) {
    adjusters_.push_back(std::make_unique<ExactCacheAdjuster>(*adjustments.ngram_exact, stream));
  }
  if (!adjustments.paid_prefix.empty()) {
    adjusters_.push_back(std::make_unique<PaidPrefixAdjuster>(stream, adjustments.paid_prefix));
  }
  totals_.resize(adjusters_.size() + 1);
  audits_.resize(adjusters_.size() + 1);
  if (adjustments.audit_positions > 0) {
    const Coverage coverage = plan.coverage();
    audited_targets_ = sample_targets(coverage.first_target, coverage.distinct, adjustments.audit_positions);
  }
}

bool AdjusterChain::needs_entropy() const {
  for (const auto& adjuster : adjusters_) {
    if (adjuster->needs_entropy()) return true;
  }
  return false;
}

void AdjusterChain::add(size_t stage, const TokenScores& scores) {
  totals_[stage].add(scores, text_.bytes);
  audits_[stage].look(scores);
}

void AdjusterChain::run(TokenScores& scores) {
  add(0, scores);
  for (size_t i = 0; i < adjusters_.size(); ++i) {
    adjusters_[i]->run(scores);
    add(i + 1, scores);
  }
}

std::vector<ScoreStage> AdjusterChain::stages() const {
  std::vector<ScoreStage> stages;
  for (size_t i = 0; i < totals_.size(); ++i) {
    ScoreStage stage{.name = "model",
                     .rule_status = rule_status(std::span(adjusters_).first(i)),
                     .val_loss = totals_[i].val_loss(),
                     .val_bpb = totals_[i].val_bpb()};
    if (i > 0) {
      stage.name = adjuster_row(adjusters_[i - 1]->kind()).name;
      stage.facts = adjusters_[i - 1]->facts();
    }
    if (!audited_targets_.empty()) stage.normalization = audits_[i].report();
    stages.push_back(std::move(stage));
  }
  return stages;
}

}  // namespace golf
