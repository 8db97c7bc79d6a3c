#include "golf/score/post_processor_chain.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/score/exact_ngram_cache.h"
#include "golf/score/hashed_ngram_cache.h"
#include "golf/score/paid_prefix_score.h"

namespace golf {
namespace {

/// The model hands out a softmax.
constexpr std::string_view kModelLegality = "normalized";

/// What rules the score out, of every post-processor in turn; otherwise what holds for all.
std::string legality(std::span<const std::unique_ptr<ScorePostProcessor>> processors) {
  std::string status;
  for (const auto& processor : processors) {
    const PostProcessorRow& row = post_processor_row(processor->kind());
    if (!row.normalized) status += fmt::format("{}{}", status.empty() ? "" : "; ", row.legality);
  }
  return status.empty() ? std::string(kModelLegality) : status;
}

}  // namespace

void check(const PostProcessing& post_processing, const WindowPlan& plan) {
  if (post_processing.ngram_tilt) validate(*post_processing.ngram_tilt);
  if (const auto& hashed = post_processing.ngram_hashed) {
    validate(*hashed);
    if (hashed->shards > plan.size()) {
      fail(ErrorCode::kInvalidArgument, fmt::format("n-gram cache: {} shards of {} windows: need 1 to {}",
                                                    hashed->shards, plan.size(), plan.size()));
    }
  }
  if (const auto& exact = post_processing.ngram_exact) {
    validate(*exact);
    if (const int64_t repeated = plan.coverage().repeated; repeated > 0) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("exact n-gram cache: {} targets would be scored again after the cache has learned "
                       "them: use a window policy that scores each target once",
                       repeated));
    }
  }
}

void require_stateless(const PostProcessing& post_processing, std::string_view option) {
  if (!post_processing.ngram_hashed && !post_processing.ngram_exact && post_processing.paid_prefix.empty() &&
      post_processing.audit_positions == 0) {
    return;
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("{}: the n-gram caches, the paid prefix and the normalization audit cannot take part: "
                   "leave one of them out",
                   option));
}

Json to_json(const ScoreStage& stage) {
  Json json = Json::object({{"scores", stage.name},
                            {"val_loss", stage.val_loss},
                            {"val_bpb", stage.val_bpb},
                            {"legality", stage.legality}});
  if (!stage.facts.is_null()) json["post_processor"] = stage.facts;
  if (stage.normalization) json["normalization"] = to_json(*stage.normalization);
  return json;
}

PostProcessorChain::PostProcessorChain(const PostProcessing& post_processing, const TextView& text,
                                       const WindowPlan& plan, int64_t vocab_size)
    : text_(text) {
  check(post_processing, plan);
  const std::span<const uint16_t> stream = text.tokens;
  if (post_processing.ngram_tilt) {
    processors_.push_back(std::make_unique<NgramTilt>(*post_processing.ngram_tilt, stream));
  }
  if (post_processing.ngram_hashed) {
    processors_.push_back(
        std::make_unique<HashedNgramCache>(*post_processing.ngram_hashed, stream, plan.size(), vocab_size));
  }
  if (post_processing.ngram_exact) {
    processors_.push_back(std::make_unique<ExactNgramCache>(*post_processing.ngram_exact, stream));
  }
  if (!post_processing.paid_prefix.empty()) {
    processors_.push_back(std::make_unique<PaidPrefixScore>(stream, post_processing.paid_prefix));
  }
  totals_.resize(processors_.size() + 1);
  audits_.resize(processors_.size() + 1);
  if (post_processing.audit_positions > 0) {
    const Coverage coverage = plan.coverage();
    audited_targets_ =
        sample_targets(coverage.first_target, coverage.distinct, post_processing.audit_positions);
  }
}

bool PostProcessorChain::needs_entropy() const {
  for (const auto& processor : processors_) {
    if (processor->needs_entropy()) return true;
  }
  return false;
}

std::span<const int32_t> PostProcessorChain::named_tokens() const {
  for (const auto& processor : processors_) {
    if (!processor->named_tokens().empty()) return processor->named_tokens();
  }
  return {};
}

void PostProcessorChain::add(size_t stage, const TokenScores& scores) {
  totals_[stage].add(scores, text_.bytes);
  audits_[stage].look(scores);
}

void PostProcessorChain::run(TokenScores& scores) {
  add(0, scores);
  for (size_t i = 0; i < processors_.size(); ++i) {
    processors_[i]->run(scores);
    add(i + 1, scores);
  }
}

void PostProcessorChain::restore(std::vector<BpbTotals> totals) {
  if (totals.size() != totals_.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("totals of {} score stages for a chain of {}", totals.size(), totals_.size()));
  }
  totals_ = std::move(totals);
}

std::vector<ScoreStage> PostProcessorChain::stages() const {
  std::vector<ScoreStage> stages;
  for (size_t i = 0; i < totals_.size(); ++i) {
    ScoreStage stage{.name = "model",
                     .legality = legality(std::span(processors_).first(i)),
                     .val_loss = totals_[i].val_loss(),
                     .val_bpb = totals_[i].val_bpb()};
    if (i > 0) {
      stage.name = post_processor_row(processors_[i - 1]->kind()).name;
      stage.facts = processors_[i - 1]->facts();
    }
    if (!audited_targets_.empty()) stage.normalization = audits_[i].report();
    stages.push_back(std::move(stage));
  }
  return stages;
}

}  // namespace golf
