#include "golf/score/exact_ngram_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {

namespace {

const ExactCacheConfig& checked(const ExactCacheConfig& config) {
  validate(config);
  return config;
}

}  // namespace

ExactNgramCache::ExactNgramCache(const ExactCacheConfig& config, std::span<const uint16_t> stream)
    : ScorePostProcessor(stream),
      config_(checked(config)),
      trie_(static_cast<int>(config.max_order), config.max_nodes),
      weight_(static_cast<int>(config.max_order)) {}

ContextTrie::Contexts ExactNgramCache::contexts_before(int64_t target) const {
  ContextTrie::Contexts contexts;
  for (int64_t t = std::max<int64_t>(target - trie_.max_order() + 1, -1); t < target; ++t) {
    contexts = trie_.after(contexts, token_of(t));
  }
  return contexts;
}

ExactNgramCache::Evidence ExactNgramCache::evidence(const ContextTrie::Contexts& contexts) const {
  Evidence evidence{.contexts = contexts};
  for (int k = 0; k < contexts.length; ++k) {
    const ContextTrie::Node& context = trie_.node(contexts.node[static_cast<size_t>(k)]);
    if (context.children_count == 0) break;
    evidence.escape *= config_.discount * context.children / context.children_count;
    ++evidence.matches;
  }
  return evidence;
}

double ExactNgramCache::counted(const Evidence& evidence, uint16_t token) const {
  double probability = 0;
  for (int k = 0; k < evidence.matches; ++k) {
    const ContextTrie::NodeId id = evidence.contexts.node[static_cast<size_t>(k)];
    const ContextTrie::Node& context = trie_.node(id);
    probability *= config_.discount * context.children / context.children_count;
    const auto child = trie_.find(id, token);
    if (child && trie_.node(*child).count > 0) {
      probability += (trie_.node(*child).count - config_.discount) / context.children_count;
    }
  }
  return probability;
}

void ExactNgramCache::score(const SegmentScores& scores) {
  segment_ = scores.segment;
  if (segment_.first_target < learned_until_ && segment_.count > 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("exact cache: target {} is scored again after the cache has learned it: use a window "
                     "policy that scores each target once",
                     segment_.first_target));
  }
  lessons_.assign(static_cast<size_t>(segment_.count), {});
  ContextTrie::Contexts contexts = contexts_before(segment_.first_target);
  for (int64_t i = 0; i < segment_.count; ++i) {
    const auto at = static_cast<size_t>(i);
    const uint16_t token = token_of(segment_.first_target + i);
    const Evidence known = evidence(contexts);
    float& nll = scores.nll_nats[at];
    if (std::isfinite(nll)) {
      const double model = std::exp(-static_cast<double>(nll));
      const double cache = counted(known, token) + known.escape * model;
      const auto weight_class = weight_.classify(known.matches, scores.entropy_nats[at], 1 - known.escape);
      const double weight = weight_.at(weight_class);
      const double mixed = (1 - weight) * model + weight * cache;
      // Below float64's range only where the model is: then its loss stands.
      if (mixed > 0) {
        nll = static_cast<float>(-std::log(mixed));
        lessons_[at] = {weight_class, weight * cache / mixed, true};
      }
    }
    contexts = trie_.after(contexts, token);
  }
}

void ExactNgramCache::learn() {
  if (segment_.count == 0) return;
  for (const Lesson& lesson : lessons_) {
    if (lesson.valid) weight_.learn(lesson.weight_class, lesson.responsibility);
  }
  if (segment_.first_target != learned_until_) {
    // The tokens before a first or skipped-to target are known context, though they were never scored.
    learned_contexts_ = {};
    for (int64_t t = std::max<int64_t>(segment_.first_target - trie_.max_order() + 1, -1);
         t < segment_.first_target; ++t) {
      learned_contexts_ = trie_.visit(learned_contexts_, token_of(t));
    }
  }
  learned_until_ = segment_.first_target + segment_.count;
  for (int64_t t = segment_.first_target; t < learned_until_; ++t) {
    learned_contexts_ = trie_.count(learned_contexts_, token_of(t));
  }
}

void ExactNgramCache::process_distribution(int64_t target, float entropy_nats,
                                           std::span<double> probabilities) const {
  const Evidence known = evidence(contexts_before(target));
  const double weight = weight_.at(weight_.classify(known.matches, entropy_nats, 1 - known.escape));
  for (size_t token = 0; token < probabilities.size(); ++token) {
    const double model = probabilities[token];
    const double cache = counted(known, static_cast<uint16_t>(token)) + known.escape * model;
    probabilities[token] = (1 - weight) * model + weight * cache;
  }
}

Json ExactNgramCache::facts() const {
  Json facts = to_json(config_);
  facts["ngrams"] = trie_.size() - 1;  // node 0 is the empty context
  facts["table_bytes"] = trie_.bytes();
  return facts;
}

}  // namespace golf
