#include "golf/artifact/spec/eval_config.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(EvalConfig, LeavesCachesOutOfTheDocumentWhileTheyAreAsPublished) {
  EXPECT_EQ(to_json(EvalConfig{}).dump(), R"({"seq_len":1024,"stride":64,"batch_seqs":32})");
}

TEST(EvalConfig, CachesComeBackFromJson) {
  EvalConfig config;
  config.ngram_hashed = {.min_order = 5,
                         .max_order = 5,
                         .buckets = 65'536,
                         .min_count = 3,
                         .weight = {.mode = EntropyWeight::Mode::kLinear, .min = 0.1, .scale = 1.5},
                         .shards = 8};
  config.ngram_exact = {.max_order = 4, .discount = 0.5, .max_nodes = 1000};
  EXPECT_EQ(from_json<EvalConfig>(to_json(config), "t"), config);
  EXPECT_EQ(to_json(config).at("ngram_hashed").at("weight").at("mode").as_string(), "linear");
}

TEST(EvalConfig, RefusesCachesThatCannotBe) {
  const auto refused = [](const HashedNgramConfig& hashed, const std::string& part) {
    EXPECT_GOLF_ERROR(validate(EvalConfig{.ngram_hashed = hashed}), ErrorCode::kInvalidArgument, part);
  };
  refused({.min_order = 1}, "eval.ngram_hashed.min_order: 1 is not between 2 and 7");
  refused({.max_order = int64_t{1} << 40}, "ngram_hashed.max_order");
  refused({.buckets = 5000}, "5000 is not a power of two");
  refused({.min_count = 0}, "ngram_hashed.min_count");
  refused({.weight = {.max = 1.5}}, "0 ≤ min ≤ max ≤ 1");
  refused({.weight = {.scale = 0}}, "ngram_hashed.weight.scale");
  refused({.shards = 0}, "ngram_hashed.shards");
  const auto exact = [](const ExactCacheConfig& config, const std::string& part) {
    EXPECT_GOLF_ERROR(validate(EvalConfig{.ngram_exact = config}), ErrorCode::kInvalidArgument, part);
  };
  exact({.max_order = 17}, "ngram_exact.max_order");
  exact({.discount = 1}, "ngram_exact.discount");
  exact({.max_nodes = 0}, "ngram_exact.max_nodes");
}

}  // namespace
}  // namespace golf
