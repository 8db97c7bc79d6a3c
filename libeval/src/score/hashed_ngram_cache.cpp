#include "golf/score/hashed_ngram_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/score/cache_weight.h"

namespace golf {
namespace {

constexpr double kLeastProbability = 1e-12;

/// min(full / context, 1).
double ratio(uint32_t full_count, uint32_t context_count) {
  return std::min(static_cast<double>(full_count) / static_cast<double>(context_count), 1.0);
}

/// (1 − α) p + α r with both weights in float32.
double mix(float alpha, double model, double cache) {
  return static_cast<double>(1.0F - alpha) * model + static_cast<double>(alpha) * cache;
}

const HashedNgramConfig& checked(const HashedNgramConfig& config) {
  validate(config);
  return config;
}

}  // namespace

HashedNgramCache::HashedNgramCache(const HashedNgramConfig& config, std::span<const uint16_t> stream,
                                   int64_t windows, int64_t vocab_size)
    : ScorePostProcessor(stream),
      config_(checked(config)),
      windows_(windows),
      vocab_size_(vocab_size),
      table_(static_cast<int>(config.min_order), static_cast<int>(config.max_order), config.buckets),
      hits_(static_cast<size_t>(config.max_order) + 1) {
  if (config.shards > windows) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("n-gram cache: {} shards of {} windows: need 1 to {}", config.shards, windows, windows));
  }
}

void HashedNgramCache::score(const SegmentScores& scores) {
  if (windows_done_ == windows_) {
    fail(ErrorCode::kMismatch,
         fmt::format("n-gram cache: more segments than the plan's {} windows", windows_));
  }
  const int64_t next_shard = shard_ + 1;
  if (next_shard < config_.shards && windows_done_ == windows_ * next_shard / config_.shards) {
    shard_ = next_shard;
    table_.clear();
  }
  ++windows_done_;

  run_first_target_ = scores.segment.first_target;
  table_.seek(stream(), run_first_target_, scores.segment.count);
  const bool adaptive = needs_entropy();
  for (int64_t i = 0; i < scores.segment.count; ++i) {
    const NgramTable::Match match = table_.longest_match(i, static_cast<uint32_t>(config_.min_count));
    ++hits_[static_cast<size_t>(match.order)];
    float& nll = scores.nll_nats[static_cast<size_t>(i)];
    if (!std::isfinite(nll)) continue;
    double probability = std::exp(-static_cast<double>(nll));
    if (match.order != 0) {
      const float entropy = adaptive ? scores.entropy_nats[static_cast<size_t>(i)] : 0.0F;
      probability = mix(cache_weight(config_.weight, entropy, vocab_size_), probability,
                        ratio(match.full_count, match.context_count));
    }
    nll = static_cast<float>(-std::log(std::clamp(probability, kLeastProbability, 1.0)));
  }
}

void HashedNgramCache::process_distribution(int64_t target, float entropy_nats,
                                            std::span<double> probabilities) const {
  const int64_t i = target - run_first_target_;
  const NgramTable::Match match = table_.longest_match(i, static_cast<uint32_t>(config_.min_count));
  const float alpha = cache_weight(config_.weight, entropy_nats, vocab_size_);
  for (size_t token = 0; token < probabilities.size(); ++token) {
    double& probability = probabilities[token];
    if (match.order != 0) {
      const uint32_t full = table_.full_count(i, match.order, static_cast<uint16_t>(token));
      probability = mix(alpha, probability, ratio(full, match.context_count));
    }
    probability = std::clamp(probability, kLeastProbability, 1.0);
  }
}

Json HashedNgramCache::facts() const {
  Json hits = Json::object();
  for (int64_t order = config_.min_order; order <= config_.max_order; ++order) {
    hits[std::to_string(order)] = hits_[static_cast<size_t>(order)];
  }
  Json facts = to_json(config_);
  facts["table_bytes"] = table_.bytes();
  facts["hits_by_order"] = std::move(hits);
  facts["without_match"] = hits_[0];
  return facts;
}

}  // namespace golf
