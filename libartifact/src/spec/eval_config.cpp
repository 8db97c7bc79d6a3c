#include "golf/artifact/spec/eval_config.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

void validate(const EntropyWeight& weight) {
  const bool ordered = weight.min >= 0 && weight.min <= weight.max && weight.max <= 1;
  require(ordered, "eval.ngram_hashed.weight",
          fmt::format("min {}, max {}: need 0 ≤ min ≤ max ≤ 1", weight.min, weight.max));
  require(weight.fixed >= 0 && weight.fixed <= 1, "eval.ngram_hashed.weight.fixed",
          fmt::format("{} is not between 0 and 1", weight.fixed));
  require(std::isfinite(weight.scale) && weight.scale > 0, "eval.ngram_hashed.weight.scale",
          "must be a positive number");
  require(std::isfinite(weight.center), "eval.ngram_hashed.weight.center", "must be a number");
}

}  // namespace

void describe(JsonFields& fields, EntropyWeight& weight) {
  using Mode = EntropyWeight::Mode;
  static constexpr std::array<EnumName<Mode>, 3> kNames = {
      {{Mode::kSigmoid, "sigmoid"}, {Mode::kLinear, "linear"}, {Mode::kFixed, "fixed"}}};
  fields.enumeration<Mode>("mode", weight.mode, kNames);
  fields.field("min", weight.min);
  fields.field("max", weight.max);
  fields.field("center", weight.center);
  fields.field("scale", weight.scale);
  fields.field("fixed", weight.fixed);
}

void describe(JsonFields& fields, HashedNgramConfig& config) {
  fields.field("min_order", config.min_order);
  fields.field("max_order", config.max_order);
  fields.field("buckets", config.buckets);
  fields.field("min_count", config.min_count);
  fields.section("weight", config.weight);
  fields.field("shards", config.shards);
}

void describe(JsonFields& fields, ExactCacheConfig& config) {
  fields.field("max_order", config.max_order);
  fields.field("discount", config.discount);
  fields.field("max_nodes", config.max_nodes);
}

void describe(JsonFields& fields, EvalConfig& config) {
  fields.field("seq_len", config.seq_len);
  fields.field("stride", config.stride);
  fields.field("batch_seqs", config.batch_seqs);
  // Left out while they have their defaults: a document without caches keeps the bytes it always had.
  if (!fields.writing() || config.ngram_hashed != HashedNgramConfig{}) {
    fields.section("ngram_hashed", config.ngram_hashed);
  }
  if (!fields.writing() || config.ngram_exact != ExactCacheConfig{}) {
    fields.section("ngram_exact", config.ngram_exact);
  }
  fields.section("adapt", config.adapt);
}

void validate(const HashedNgramConfig& config) {
  require_range("eval.ngram_hashed.max_order", config.max_order, 2, 64);
  require_range("eval.ngram_hashed.min_order", config.min_order, 2, config.max_order);
  require(config.buckets >= 1024 && config.buckets <= int64_t{1} << 31 &&
              std::has_single_bit(static_cast<uint64_t>(config.buckets)),
          "eval.ngram_hashed.buckets",
          fmt::format("{} is not a power of two from 1024 to 2^31", config.buckets));
  require_range("eval.ngram_hashed.min_count", config.min_count, 1, int64_t{1} << 31);
  require_range("eval.ngram_hashed.shards", config.shards, 1, 1 << 20);
  validate(config.weight);
}

void validate(const ExactCacheConfig& config) {
  require_range("eval.ngram_exact.max_order", config.max_order, 1, 16);
  require(config.discount > 0 && config.discount < 1, "eval.ngram_exact.discount",
          fmt::format("{} does not lie between 0 and 1", config.discount));
  require_range("eval.ngram_exact.max_nodes", config.max_nodes, 1, (int64_t{1} << 32) - 1);
}

void validate(const EvalConfig& config) {
  require_range("eval.seq_len", config.seq_len, 1, 1 << 20);
  require_range("eval.stride", config.stride, 1, config.seq_len);
  require_range("eval.batch_seqs", config.batch_seqs, 1, 1 << 20);
  validate(config.ngram_hashed);
  validate(config.ngram_exact);
  if (config.adapt) validate(*config.adapt);
}

}  // namespace golf
